#include "social/mail_codes.hpp"

#include "base/crypto.hpp"

namespace vitrine::social {
namespace {

constexpr std::uint64_t codes = 100'000'000;  // of mail_code_digits digits

store::Blob hash_of(std::string_view account_id, std::string_view code) {
  const auto hash = crypto::hmac_sha256(crypto::bytes_of(account_id), crypto::bytes_of(code));
  return {hash.begin(), hash.end()};
}

store::Blob hash_of(std::string_view token) {
  const auto hash = crypto::sha256(token);
  return {hash.begin(), hash.end()};
}

std::string random_code() {
  std::uint64_t number = 0;
  crypto::random({reinterpret_cast<unsigned char*>(&number), sizeof number});
  return fmt::format("{:0{}}", number % codes, mail_code_digits);
}

}  // namespace

Result<std::string> MailCodes::new_code(store::Session& session, std::string_view account_id) {
  auto code = random_code();
  VT_CHECK(session.execute("DELETE FROM mail_codes WHERE account_id = $1", {std::string(account_id)}));
  VT_CHECK(session.execute("INSERT INTO mail_codes (account_id, code_hash, expires_at, tries) VALUES ($1, $2, $3, 0)",
                           {std::string(account_id), hash_of(account_id, code), clock_.now() + mail_code_lifetime_ms}));
  return code;
}

Result<void> MailCodes::check_code(std::string_view account_id, std::string_view code) {
  Result<void> verdict;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    const store::Params who{std::string(account_id)};
    VT_TRY(const auto rows,
           session.query("SELECT code_hash, expires_at, tries FROM mail_codes WHERE account_id = $1", who));
    if (rows.empty() || rows[0].integer(1) <= clock_.now()) {
      verdict = fail(Errc::gone, "this code has expired; have another sent");
    } else if (rows[0].integer(2) >= mail_code_tries_max) {
      verdict = fail(Errc::too_many_requests, "this code was tried too often; have another sent");
    } else if (rows[0].blob(0) != hash_of(account_id, code)) {
      verdict = fail(Errc::unprocessable, "this is not the code that was sent");
      VT_CHECK(session.execute("UPDATE mail_codes SET tries = tries + 1 WHERE account_id = $1", who));
    } else {
      verdict = {};
      VT_CHECK(session.execute("DELETE FROM mail_codes WHERE account_id = $1", who));
    }
    return {};
  }));
  return verdict;
}

Result<std::string> MailCodes::new_recovery(std::string_view account_id) {
  auto token = crypto::random_token();
  const TimeMs now = clock_.now();
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto recent, session.query("SELECT 1 FROM recoveries WHERE account_id = $1 AND expires_at > $2",
                                            {std::string(account_id), now + recovery_lifetime_ms - recovery_pause_ms}));
    if (!recent.empty()) return fail(Errc::too_many_requests, "a link was sent a moment ago");
    VT_CHECK(session.execute("DELETE FROM recoveries WHERE account_id = $1 OR expires_at <= $2",
                             {std::string(account_id), now}));
    VT_CHECK(session.execute("INSERT INTO recoveries (token_hash, account_id, expires_at) VALUES ($1, $2, $3)",
                             {hash_of(token), std::string(account_id), now + recovery_lifetime_ms}));
    return {};
  }));
  return token;
}

Result<std::string> MailCodes::use_recovery(std::string_view token) {
  std::string account_id;
  VT_CHECK(database_.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto rows, session.query("SELECT account_id FROM recoveries WHERE token_hash = $1 AND expires_at > $2",
                                          {hash_of(token), clock_.now()}));
    if (rows.empty()) return fail(Errc::gone, "this link has expired or was used; have another sent");
    account_id = rows[0].text(0);
    VT_CHECK(session.execute("DELETE FROM recoveries WHERE token_hash = $1", {hash_of(token)}));
    return {};
  }));
  return account_id;
}

}  // namespace vitrine::social
