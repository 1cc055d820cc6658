// Sends push messages to push services (libcurl).
//
// Their addresses are what strangers say, so a connection is made to public addresses only, and that is looked at where
// it counts: when the socket for an address that the name was resolved to is about to be opened. No redirect is
// followed and no proxy used, for either would go elsewhere. Of an answer the head counts; little of its body is read.
#pragma once
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/curl.hpp"
#include "base/result.hpp"
#include "social/push.hpp"

namespace vitrine::app {

inline constexpr std::int64_t push_connect_timeout_ms = 5'000, push_timeout_ms = 10'000;
inline constexpr std::size_t push_answer_bytes_max = 16 << 10;
/// Answers that ask for more patience than that are taken for so much.
inline constexpr std::int64_t push_retry_after_s_max = 24 * 3600;

struct PushSenderOptions {
  /// Addresses that count as public ("127.0.0.1:8443", "[::1]:8443"): push services of the operator's own, and tests.
  std::set<std::string> allowed;
  std::string authorities;  ///< file of certificates that push services' are checked against; empty: the system's
};

/// Thread-safe; calls block for at most push_timeout_ms. Connections are kept and used again.
class PushSender {
 public:
  explicit PushSender(PushSenderOptions options);

  [[nodiscard]] social::PushOutcome send(const social::PushMessage& message);

 private:
  [[nodiscard]] Curl take();
  void give_back(Curl easy);

  const PushSenderOptions options_;
  std::mutex mutex_;
  std::vector<Curl> idle_;
};

/// The port of "127.0.0.1:8443". Error: invalid_argument (not an address with a port).
[[nodiscard]] Result<std::uint16_t> allowed_port(std::string_view allowed);

}  // namespace vitrine::app
