#include "http/router_impl.hpp"

namespace vitrine::http {
namespace {

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    parts.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// "prefix{name}suffix", "{name*}" or a literal; the name goes to `names`.
Segment compile_segment(std::string_view text, std::vector<std::string>& names) {
  const std::size_t open = text.find('{');
  if (open == text.npos) return {Segment::Kind::literal, std::string(text), ""};
  const std::size_t close = text.find('}', open);
  VT_ASSERT(close != text.npos);
  auto name = text.substr(open + 1, close - open - 1);
  const bool rest = name.ends_with('*');
  if (rest) name.remove_suffix(1);
  VT_ASSERT(!name.empty());
  names.emplace_back(name);
  return {rest ? Segment::Kind::rest : Segment::Kind::parameter, std::string(text.substr(0, open)),
          std::string(text.substr(close + 1))};
}

/// Lower is more specific: literals before parameters, parameters with a prefix before bare ones, the rest last.
int rank(const Segment& segment) {
  switch (segment.kind) {
    case Segment::Kind::literal: return 0;
    case Segment::Kind::parameter: return segment.text.empty() && segment.suffix.empty() ? 2 : 1;
    case Segment::Kind::rest: return 3;
  }
  return 3;
}

bool more_specific(const PathEntry& a, const PathEntry& b) {
  return std::ranges::lexicographical_compare(a.segments, b.segments, {}, rank, rank);
}

bool same_shape(const std::vector<Segment>& a, const std::vector<Segment>& b) {
  return std::ranges::equal(a, b, [](const Segment& left, const Segment& right) {
    return left.kind == right.kind && left.text == right.text && left.suffix == right.suffix;
  });
}

bool match_segments(const std::vector<Segment>& segments, std::string_view path,
                    std::vector<std::string_view>& values) {
  values.clear();
  std::size_t begin = 1;
  for (const auto& segment : segments) {
    if (begin > path.size()) return false;
    if (segment.kind == Segment::Kind::rest) {
      values.push_back(path.substr(begin));
      return !values.back().empty();
    }
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const auto part = path.substr(begin, end - begin);
    begin = end + 1;
    if (segment.kind == Segment::Kind::literal) {
      if (part != segment.text) return false;
      continue;
    }
    if (part.size() <= segment.text.size() + segment.suffix.size() || !part.starts_with(segment.text) ||
        !part.ends_with(segment.suffix))
      return false;
    values.push_back(part.substr(segment.text.size(), part.size() - segment.text.size() - segment.suffix.size()));
  }
  return begin > path.size();
}

unsigned mask_of(const PathEntry& path) {
  unsigned mask = 0;
  for (std::size_t i = 0; i < method_count; ++i) {
    if (path.endpoints[i]) mask |= 1u << i;
  }
  return mask;
}

const Endpoint* endpoint_for(const PathEntry& path, Method method) {
  if (const auto* own = path.endpoints[static_cast<std::size_t>(method)].get()) return own;
  return method == Method::head ? path.endpoints[static_cast<std::size_t>(Method::get)].get() : nullptr;
}

}  // namespace

RouteMetrics::RouteMetrics(std::string_view pattern, std::string_view method) {
  for (std::size_t i = 0; i < by_status_class.size(); ++i) {
    by_status_class[i] = &metrics::counter(
        "vitrine_http_requests_total", "HTTP requests answered",
        {{"route", std::string(pattern)}, {"method", std::string(method)}, {"status", fmt::format("{}xx", i + 1)}});
  }
  seconds = &metrics::histogram("vitrine_http_request_seconds", "From the request's head to its answer sent",
                                {{"route", std::string(pattern)}, {"method", std::string(method)}});
}

void RouteMetrics::record(int status, double took_seconds) const {
  const auto index = static_cast<std::size_t>(std::clamp(status / 100, 1, 5) - 1);
  by_status_class[index]->add(1);
  seconds->observe(took_seconds);
}

Endpoint& Router::Impl::add(Method method, std::string_view pattern) {
  VT_ASSERT(pattern.starts_with('/'));
  std::vector<std::string> names;
  std::vector<Segment> segments;
  for (const auto part : split_path(pattern)) segments.push_back(compile_segment(part, names));
  auto path = std::ranges::find_if(paths, [&](const auto& entry) { return same_shape(entry->segments, segments); });
  if (path == paths.end()) {
    auto entry = std::make_unique<PathEntry>();
    entry->segments = std::move(segments);
    if (names.empty()) exact[std::string(pattern)] = entry.get();
    const auto place =
        std::ranges::upper_bound(paths, entry, [](const auto& a, const auto& b) { return more_specific(*a, *b); });
    path = paths.insert(place, std::move(entry));
  }
  auto& endpoint = (*path)->endpoints[static_cast<std::size_t>(method)];
  VT_ASSERT(!endpoint);  // two handlers for one method and path
  endpoint = std::make_unique<Endpoint>();
  endpoint->pattern = pattern;
  endpoint->parameter_names = std::move(names);
  return *endpoint;
}

Match Router::Impl::match(Request& request) const {
  Match result;
  thread_local std::vector<std::string_view> values;
  if (const auto found = exact.find(request.path); found != exact.end()) {
    result.endpoint = endpoint_for(*found->second, request.method);
    if (result.endpoint) return result;
  }
  for (const auto& path : paths) {
    if (!match_segments(path->segments, request.path, values)) continue;
    result.allow_mask |= mask_of(*path);
    result.endpoint = endpoint_for(*path, request.method);
    if (!result.endpoint) continue;
    for (std::size_t i = 0; i < values.size(); ++i)
      request.parameters.emplace_back(result.endpoint->parameter_names[i], values[i]);
    return result;
  }
  return result;
}

void Router::Impl::prepare() {
  for (const auto& path : paths) {
    for (std::size_t i = 0; i < method_count; ++i) {
      if (auto& endpoint = path->endpoints[i])
        endpoint->metrics = std::make_unique<RouteMetrics>(endpoint->pattern, name(static_cast<Method>(i)));
    }
  }
  fallback.metrics = std::make_unique<RouteMetrics>("", "any");
}

std::string allow_field(unsigned mask) {
  const auto bit = [](Method method) { return 1u << static_cast<unsigned>(method); };
  if (mask & bit(Method::get)) mask |= bit(Method::head);
  mask |= bit(Method::options);
  std::string field;
  for (std::size_t i = 0; i < method_count; ++i) {
    if (!(mask & (1u << i))) continue;
    if (!field.empty()) field += ", ";
    field += name(static_cast<Method>(i));
  }
  return field;
}

Router::Router() : impl_(std::make_unique<Impl>()) {
  impl_->fallback.options.run = Run::inline_;
  impl_->fallback.handler = [](const Request&) { return problem({Errc::not_found, "there is nothing at this path"}); };
}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Method method, std::string_view pattern, Handler handler, RouteOptions options) {
  auto& endpoint = impl_->add(method, pattern);
  endpoint.handler = std::move(handler);
  endpoint.options = options;
}

void Router::add_upload(Method method, std::string_view pattern, UploadHandler handler, std::int64_t body_bytes_max) {
  auto& endpoint = impl_->add(method, pattern);
  endpoint.upload = std::move(handler);
  endpoint.options = {.run = Run::worker, .body_bytes_max = body_bytes_max};
}

void Router::set_fallback(Handler handler, RouteOptions options) {
  impl_->fallback.handler = std::move(handler);
  impl_->fallback.options = options;
}

void Router::set_guard(std::function<std::optional<Response>(const Request&, std::string_view pattern)> guard) {
  impl_->guard = std::move(guard);
}

void Router::set_front(std::function<std::optional<Response>(const Request&)> front) {
  impl_->front = std::move(front);
}

void Router::set_default_headers(Headers headers) { impl_->default_headers = std::move(headers); }

std::vector<Router::Route> Router::routes() const {
  std::vector<Route> all;
  for (const auto& path : impl_->paths) {
    for (std::size_t i = 0; i < method_count; ++i) {
      if (path->endpoints[i]) all.push_back({static_cast<Method>(i), path->endpoints[i]->pattern});
    }
  }
  return all;
}

}  // namespace vitrine::http
