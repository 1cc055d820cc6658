#include "api/idempotency.hpp"

#include <list>

#include "api/caller.hpp"
#include "base/crypto.hpp"

namespace vitrine::api {
namespace {

constexpr std::size_t answers_max = 20'000;

struct Answer {
  crypto::Hash request{};
  TimeMs at = 0;
  std::optional<http::Response> response;  // none while the first is under way
};

/// Who asks, as far as the request tells: session or cookie, else the network.
std::string caller_key(const http::Request& request) {
  const auto authorization = request.headers.get("Authorization");
  const auto session = request.cookie(session_cookie).value_or("");
  const auto viewer = request.cookie(viewer_cookie).value_or("");
  return fmt::format("{}\n{}\n{}\n{}", authorization, session, viewer,
                     authorization.empty() && session.empty() && viewer.empty() ? request.network_token : "");
}

std::string hashed(std::string_view text) {
  const auto hash = crypto::sha256(text);
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace

struct Idempotency::Impl {
  explicit Impl(const Clock& c) : clock(c) {}
  const Clock& clock;
  std::mutex mutex;
  std::unordered_map<std::string, Answer> answers;
  std::list<std::string> order;  // oldest first

  void forget_old() {
    while (!order.empty()) {
      const auto found = answers.find(order.front());
      const bool old = found == answers.end() || clock.now() - found->second.at > idempotency_lifetime_ms;
      if (!old && answers.size() < answers_max) return;
      if (found != answers.end()) answers.erase(found);
      order.pop_front();
    }
  }

  /// The answer to give at once; nothing when this request is the first with its key.
  std::optional<http::Response> claim(const std::string& key, const crypto::Hash& request) {
    std::lock_guard lock(mutex);
    forget_old();
    const auto [found, first] = answers.try_emplace(key, Answer{.request = request, .at = clock.now()});
    if (first) {
      order.push_back(key);
      return std::nullopt;
    }
    if (found->second.request != request)
      return http::problem(
          {Errc::unprocessable, "this Idempotency-Key was used for another request; choose a new one"});
    if (!found->second.response)
      return http::problem({Errc::conflict, "the first request with this Idempotency-Key is still under way"});
    return found->second.response;
  }

  void settle(const std::string& key, const http::Response& response) {
    std::lock_guard lock(mutex);
    const bool worth_keeping = response.status < 500 && response.status != 429;
    const auto found = answers.find(key);
    if (found == answers.end()) return;
    if (worth_keeping)
      found->second.response = response;
    else
      answers.erase(found);
  }
};

Idempotency::Idempotency(const Clock& clock) : impl_(std::make_unique<Impl>(clock)) {}
Idempotency::~Idempotency() = default;

http::Response Idempotency::once(const http::Request& request, const http::Handler& handler) {
  const auto given = request.headers.find("Idempotency-Key");
  if (!given || request.method == http::Method::get || request.method == http::Method::head) return handler(request);
  if (given->empty() || given->size() > idempotency_key_bytes_max)
    return http::problem(
        {Errc::invalid_argument, fmt::format("Idempotency-Key has 1 to {} characters", idempotency_key_bytes_max)});
  const std::string key = hashed(fmt::format("{}\n{}", *given, caller_key(request)));
  const auto fingerprint =
      crypto::sha256(fmt::format("{}\n{}\n{}", http::name(request.method), request.path, request.body));
  if (auto known = impl_->claim(key, fingerprint)) return std::move(*known);
  auto response = handler(request);
  impl_->settle(key, response);
  return response;
}

}  // namespace vitrine::api
