#include "http/head_parser.hpp"

#include <charconv>

#include "http/text.hpp"

namespace vitrine::http {
namespace {

using Verb = boost::beast::http::verb;
using Field = boost::beast::http::field;
using ParseError = boost::beast::http::error;

std::optional<Method> method_of(Verb verb) {
  switch (verb) {
    case Verb::get: return Method::get;
    case Verb::head: return Method::head;
    case Verb::post: return Method::post;
    case Verb::put: return Method::put;
    case Verb::patch: return Method::patch;
    case Verb::delete_: return Method::del;
    case Verb::options: return Method::options;
    default: return std::nullopt;
  }
}

/// Beast calls everything it cannot read after the target a bad version.
bool names_other_version(std::string_view head) {
  const auto line = head.substr(0, head.find('\r'));
  const auto version = line.substr(line.rfind(' ') + 1);
  const auto digit = [&](std::size_t i) { return version[i] >= '0' && version[i] <= '9'; };
  return version.size() == 8 && version.starts_with("HTTP/") && digit(5) && version[6] == '.' && digit(7) &&
         version != "HTTP/1.1" && version != "HTTP/1.0";
}

HeadProblem problem_of(const boost::beast::error_code& error, std::string_view head) {
  if (error == ParseError::header_limit) return {431, "header-too-large", "the request has too many header fields"};
  if (error == ParseError::bad_version && names_other_version(head))
    return {505, "http-version", "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  return {400, "malformed-request", "the request is not well-formed HTTP/1.1"};
}

}  // namespace

HeadScan scan_head(std::string_view bytes, std::size_t from) {
  std::size_t line = from;  // always at the start of a line
  while (true) {
    const std::size_t feed = bytes.find('\n', line);
    if (feed == bytes.npos) return {HeadScan::State::incomplete, line};
    if (feed == 0 || bytes[feed - 1] != '\r') return {HeadScan::State::malformed, 0};
    if (line != 0 && (bytes[line] == ' ' || bytes[line] == '\t')) return {HeadScan::State::malformed, 0};
    if (feed == line + 1) return {HeadScan::State::complete, feed + 1};
    line = feed + 1;
  }
}

RequestParser::RequestParser(Request& request) : request_(request) {
  body_limit(boost::none);
  header_limit(std::numeric_limits<std::uint32_t>::max());  // the head was measured before it got here
}

std::optional<HeadProblem> RequestParser::parse_head(std::string_view head) {
  ErrorCode error;
  put({head.data(), head.size()}, error);
  if (error) return problem_of(error, head);
  return check_head();
}

std::optional<HeadProblem> RequestParser::check_head() const {
  if (!known_method_) return HeadProblem{501, "method-not-implemented", "this method is not known here"};
  if (hosts_ > 1 || (hosts_ == 0 && version_ >= 11))
    return HeadProblem{400, "malformed-request", "a request must name exactly one Host"};
  if (lengths_ > 1 || !plain_length_ || (lengths_ > 0 && encodings_ > 0))
    return HeadProblem{400, "malformed-request", "the length of the body is ambiguous"};
  if (encodings_ > 0 && version_ < 11)
    return HeadProblem{400, "malformed-request", "HTTP/1.0 has no Transfer-Encoding"};
  if (encodings_ > 1 || !only_chunked_)
    return HeadProblem{501, "transfer-encoding", "the only Transfer-Encoding known here is chunked"};
  return std::nullopt;
}

RequestParser::ChunkedStep RequestParser::decode_chunked(std::string_view input, std::span<char> output) {
  ErrorCode error;
  output_ = output;
  produced_ = 0;
  ChunkedStep step;
  while (!is_done() && input.size() - step.consumed >= chunked_input_min && produced_ < output.size()) {
    step.consumed += put({input.data() + step.consumed, input.size() - step.consumed}, error);
    if (error == ParseError::need_more) break;
    if (error) return {ChunkedStep::State::malformed, step.consumed, produced_};
  }
  step.state = is_done() ? ChunkedStep::State::done : ChunkedStep::State::more;
  step.produced = produced_;
  return step;
}

void RequestParser::on_request_impl(Verb verb, View, View target, int version, ErrorCode&) {
  const auto method = method_of(verb);
  known_method_ = method.has_value();
  request_.method = method.value_or(Method::get);
  target_ = {target.data(), target.size()};
  version_ = version;
}

void RequestParser::on_field_impl(Field field, View name, View value, ErrorCode& error) {
  if (!in_head_) return;  // a trailer: nothing here needs one
  if (request_.headers.all().size() == header_fields_max) {
    error = ParseError::header_limit;
    return;
  }
  const std::string_view text{value.data(), value.size()};
  switch (field) {
    case Field::host: ++hosts_; break;
    case Field::content_length: {
      ++lengths_;
      std::int64_t length = 0;
      const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), length);
      plain_length_ = failed == std::errc() && end == text.data() + text.size() && length >= 0;
      body_length_ = length;
      break;
    }
    case Field::transfer_encoding:
      ++encodings_;
      only_chunked_ = equal_ignoring_case(text, "chunked");
      break;
    default: break;
  }
  request_.headers.add({name.data(), name.size()}, text);
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, View body, ErrorCode&) {
  const std::size_t taken = std::min(body.size(), output_.size() - produced_);
  if (taken > 0) std::memcpy(output_.data() + produced_, body.data(), taken);
  produced_ += taken;
  return taken;
}

}  // namespace vitrine::http
