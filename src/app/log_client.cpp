#include "app/log_client.hpp"

#include "app/role_support.hpp"
#include "base/json.hpp"

namespace vitrine::app {
namespace {

constexpr std::int64_t log_timeout_ms = 12'000;

}  // namespace

custody::LogPort log_at(const std::string& url) {
  const auto clients = std::make_shared<Clients>(url, http::ClientOptions{.timeout_ms = log_timeout_ms});
  const auto away = [](const Error& error) {
    return fail(Errc::unavailable, "nothing is opened while the log is away: {}", error.message);
  };
  return {.reach = [=]() -> Result<void> {
            if (auto reached = clients->reach(); !reached) return away(reached.error());
            return {};
          },
          .append = [=](const std::string& entry) -> Result<std::uint64_t> {
            const auto answer = clients->send(http::Method::post, "/entries", entry);
            if (!answer) return away(answer.error());
            VT_TRY(const auto value, parse_json(*answer));
            if (!value.is_object()) return away({Errc::unavailable, "it answered with something else"});
            VT_TRY(const auto index, int_member(value.get_object(), "index"));
            return static_cast<std::uint64_t>(index);
          },
          .prove = [=](std::uint64_t index) -> Result<std::string> {
            auto answer = clients->send(http::Method::get, fmt::format("/proof/{}", index));
            if (!answer) return away(answer.error());
            return answer;
          }};
}

}  // namespace vitrine::app
