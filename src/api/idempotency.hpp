// Idempotency-Key: a write that is sent twice happens once (draft-ietf-httpapi-idempotency-key-header).
#pragma once
#include <memory>

#include "api/api.hpp"

namespace vitrine::api {

inline constexpr std::size_t idempotency_key_bytes_max = 128;
inline constexpr TimeMs idempotency_lifetime_ms = 24LL * 3600 * 1000;

/// Remembers answers to writes that carried a key, by caller; in memory, so a restart forgets them. Thread-safe.
class Idempotency {
 public:
  explicit Idempotency(const Clock& clock);
  ~Idempotency();
  /// Gives the remembered answer, or calls the handler and remembers what it says (unless it is a 5xx or 429).
  /// Same key with another request → 422; while the first is still under way → 409.
  [[nodiscard]] http::Response once(const http::Request& request, const http::Handler& handler);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitrine::api
