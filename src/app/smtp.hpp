// Sends mail to an SMTP server (libcurl).
#pragma once
#include "base/clock.hpp"
#include "custody/vault_port.hpp"

namespace vitrine::app {

struct SmtpOptions {
  std::string
      url;  ///< "smtp://user:password@host:587" (TLS as soon as it is offered), "smtps://…" (TLS from the start)
  std::string from;                  ///< "vitrine@example.org"
  std::int64_t timeout_ms = 20'000;  ///< of the whole delivery
};

[[nodiscard]] bool is_smtp_url(std::string_view text);

/// A mail as it goes over the wire (RFC 5322, MIME, UTF-8). Whatever stands in it becomes no header of its own.
/// Error: invalid_argument (an address that is none, a title of more than one line).
[[nodiscard]] Result<std::string> mail_message(std::string_view from, std::string_view to, const custody::Mail& mail,
                                               TimeMs now);

/// Thread-safe; a connection of its own for each mail.
class Smtp {
 public:
  /// Errors: invalid_argument (URL, sender).
  [[nodiscard]] static Result<Smtp> open(SmtpOptions options);
  /// Errors: invalid_argument (as mail_message), unavailable (says at which step the server did not go along; never
  /// whom the mail was for).
  [[nodiscard]] Result<void> send(const std::string& to, const custody::Mail& mail) const;

 private:
  explicit Smtp(SmtpOptions options) : options_(std::move(options)) {}
  SmtpOptions options_;
};

}  // namespace vitrine::app
