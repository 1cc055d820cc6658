// An account's e-mail address: sealed as it comes, verified by a code, good for a new password. The address is never
// looked at here, and nobody is found by it.
#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/personal.hpp"
#include "api/render.hpp"
#include "custody/vault_port.hpp"
#include "social/mail_codes.hpp"
#include "store/database.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t email_bytes_max = 254;  // RFC 5321 §4.5.3.1.3, less the angle brackets

/// Only what no mail server could take is refused; the code tells whether it arrives.
Result<std::string> checked_email(std::string_view text) {
  const auto at = text.rfind('@');
  const bool shaped = at != text.npos && at > 0 && at + 1 < text.size() && text.size() <= email_bytes_max;
  const bool printable = std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c != 0x7f; });
  if (!shaped || !printable || text.find_first_of("<>\",;") != text.npos)
    return fail(Errc::invalid_argument, "this is not an e-mail address");
  return std::string(text);
}

std::unexpected<Error> sends_none() {
  return fail(Errc::unavailable, "this service sends no mail: its operator has named no mail server");
}

Result<Response> account_response(Rooms& rooms, int status, std::string_view account_id) {
  VT_TRY(const auto account, rooms.accounts.by_id(account_id));
  return json_response(status, {{"account", account_json(rooms, account)}});
}

custody::Mail verification_mail(const Rooms& rooms, const Request& request, std::string_view code) {
  return {.title = fmt::format("{} is your code", code),
          .text = fmt::format("Your code for {} is\n\n    {}\n\nIt is good for {} minutes. If you did not ask for it, "
                              "somebody mistyped their address, and you need do nothing.\n",
                              origin_of(rooms, request), code, social::mail_code_lifetime_ms / 60'000)};
}

custody::Mail recovery_mail(const Rooms& rooms, const Request& request, std::string_view handle,
                            std::string_view token) {
  return {
      .title = "A new password for your account",
      .text = fmt::format("Somebody, hopefully you, asked for a new password for @{0}. To set one, follow this link "
                          "within {2} minutes:\n\n    {1}/recover?token={3}\n\nIf it was not you, do nothing: "
                          "your password stays.\n",
                          handle, origin_of(rooms, request), social::recovery_lifetime_ms / 60'000, token)};
}

Result<Response> set_email(Rooms& rooms, const Request& request) {
  VT_TRY(auto caller, signed_in_caller(rooms, request));
  if (!rooms.sends_mail) return sends_none();
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto text, text_member(body, "email"));
  VT_TRY(const auto email, checked_email(text));
  if (rooms.official.declines_mail(email))
    return fail(
        Errc::forbidden,
        "this service declines addresses of official mail domains. Nothing of what you entered is kept: give an "
        "address of your own");
  VT_TRY(const auto personal, personal_of(rooms, caller));
  const auto person = person_of(*caller.account);
  std::string code;
  VT_CHECK(rooms.database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(rooms.custody.erase(session, person, "contact"));
    VT_CHECK(rooms.custody.seal(session, person, personal, "contact", email));
    VT_TRY(code, rooms.mail_codes.new_code(session, person.subject));
    return rooms.accounts.set_email(session, person.subject, social::EmailState::unverified);
  }));
  VT_CHECK(rooms.custody.settle(person));
  VT_CHECK(rooms.custody.vault().mail(person.subject, custody::Front::class_of(person, "contact"), "deliver-message",
                                      verification_mail(rooms, request, code)));
  return account_response(rooms, 202, person.subject);
}

Result<Response> verify_email(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto code, text_member(body, "code"));
  VT_CHECK(rooms.mail_codes.check_code(account.id, code));
  VT_CHECK(rooms.database.transaction(store::Access::write, [&](store::Session& session) {
    return rooms.accounts.set_email(session, account.id, social::EmailState::verified);
  }));
  return account_response(rooms, 200, account.id);
}

Result<Response> remove_email(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_CHECK(rooms.database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(rooms.custody.erase(session, person_of(account), "contact"));
    return rooms.accounts.set_email(session, account.id, social::EmailState::none);
  }));
  return account_response(rooms, 200, account.id);
}

/// Whoever asks is told the same: an answer must not say whether there is an account, or an address.
Result<Response> begin_recovery(Rooms& rooms, const Request& request) {
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto handle, text_member(body, "handle"));
  if (!rooms.sends_mail) return sends_none();
  const auto account = rooms.accounts.by_handle(handle);
  if (account && account->email == social::EmailState::verified)
    rooms.chores([&rooms, account = *account, request]() -> Result<void> {
      VT_TRY(const auto token, rooms.mail_codes.new_recovery(account.id));
      return rooms.custody.vault().mail(account.id, custody::Front::class_of(person_of(account), "contact"),
                                        "account-recovery", recovery_mail(rooms, request, account.handle, token));
    });
  return json_response(202, {});
}

Result<Response> finish_recovery(Rooms& rooms, const Request& request) {
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto token, text_member(body, "token"));
  VT_TRY(const auto password, text_member(body, "password"));
  VT_CHECK(social::check_password_shape(password));
  VT_TRY(const auto account_id, rooms.mail_codes.use_recovery(token));
  VT_CHECK(rooms.accounts.reset_password(account_id, password));
  VT_TRY(const auto made, rooms.accounts.start_session(account_id));
  Caller caller{.account = made.account, .token = made.token};
  if (const auto personal = personal_of(rooms, caller))
    note_security_event(rooms, made.account, *personal, request, "password set by mail");
  auto response = json_response(200, {{"account", account_json(rooms, made.account)}, {"token", made.token}});
  set_session(response, made.token, request);
  return response;
}

}  // namespace

void add_email(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::put, "/api/v1/account/email", answer(rooms, set_email));
  router.add(Method::post, "/api/v1/account/email/verification", answer(rooms, verify_email));
  router.add(Method::del, "/api/v1/account/email", answer(rooms, remove_email));
  router.add(Method::post, "/api/v1/recovery", answer(rooms, begin_recovery));
  router.add(Method::post, "/api/v1/recovery/password", answer(rooms, finish_recovery));
}

}  // namespace vitrine::api
