// Official devices: those of authorities, for which the operator has chosen that this service declines, so that nobody
// is watched through it at work and no authority's device becomes a source about anybody. docs/official-devices.md.
//
// Whatever such a device asks for, it gets a page that explains (or a problem document), before anything looks at the
// request: no route, no session, no event, no cookie, no limit that counts it.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "http/message.hpp"
#include "http/networks.hpp"

namespace vitrine::api {

inline constexpr std::size_t official_entries_max = 1'000;  ///< in each of the three lists
inline constexpr std::string_view any_value = "*";

/// Thread-safe once read.
class OfficialDevices {
 public:
  OfficialDevices() = default;  ///< declines nobody

  struct Lists {
    std::vector<std::string> mail_domains;  ///< "ministry.example": subdomains as well
    std::vector<std::string> networks;      ///< "192.0.2.0/24"
    std::vector<std::string> signals;       ///< "X-Managed-Browser: ministry", "X-Managed-Browser: *"
  };
  /// Errors: invalid_argument, which names what is wrong.
  [[nodiscard]] static Result<OfficialDevices> read(const Lists& lists);

  [[nodiscard]] bool declines(const http::Request& request) const;
  /// "somebody@mail.ministry.example"
  [[nodiscard]] bool declines_mail(std::string_view address) const;
  /// What anybody may read: {"mail_domains":[…],"networks":[…],"signals":[{"name","value"}]}
  [[nodiscard]] json::object public_json() const;

 private:
  struct Signal {
    std::string name, value;
  };
  [[nodiscard]] static Result<Signal> read_signal(const std::string& text);
  [[nodiscard]] bool has_signal(const http::Request& request) const;

  std::vector<std::string> mail_domains_, network_texts_;
  http::Networks networks_;
  std::vector<Signal> signals_;
};

/// The answer to a request that is declined: 403, a page for people, a problem document for programs. `public_url`
/// names the service, or is empty.
[[nodiscard]] http::Response decline_official(const http::Request& request, std::string_view public_url);

}  // namespace vitrine::api
