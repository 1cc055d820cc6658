#include "api/personal.hpp"

#include "base/crypto.hpp"
#include "base/log.hpp"

namespace vitrine::api {
namespace {

constexpr std::size_t viewer_random_bytes = 16;

}  // namespace

Result<social::Newcomer> newcomer_of(const http::Request& request, const json::object& body) {
  VT_TRY(const auto handle, text_member(body, "handle"));
  VT_TRY(const auto display_name, text_member(body, "display_name", ""));
  VT_TRY(const auto birth_date, text_member(body, "birth_date"));
  if (birth_date.empty()) return fail(Errc::invalid_argument, "member \"birth_date\" is missing");
  return social::Newcomer{.handle = std::string(handle),
                          .display_name = std::string(display_name),
                          .birth_date = std::string(birth_date),
                          .viewer = stranger_of(request)};
}

custody::Person person_of(const social::Account& account) {
  return {.subject = account.id, .minor = account.age_band == social::AgeBand::minor || account.sealed_as_minor};
}

Result<custody::Personal> personal_of(Rooms& rooms, Caller& caller) {
  if (!caller.account) return fail(Errc::unauthenticated, "sign in first");
  if (caller.personal) return *caller.personal;
  VT_TRY(auto personal, rooms.custody.recall(person_of(*caller.account)));
  VT_CHECK(rooms.accounts.keep_secret(caller.account->id, caller.token, personal.text()));
  caller.viewer = personal.viewer;
  caller.new_viewer = false;
  caller.personal = personal;
  return personal;
}

void try_personal(Rooms& rooms, Caller& caller) {
  if (!caller.account || caller.personal || rooms.custody_state() != "up") return;
  if (const auto personal = personal_of(rooms, caller); !personal)
    log::warning("custody.recall", {{"error", personal.error().message}});
}

void note_security_event(Rooms& rooms, const social::Account& account, const custody::Personal& personal,
                         const http::Request& request, std::string_view what) {
  const auto event =
      json::serialize(json::object{{"address", request.client_address}, {"at_ms", rooms.clock.now()}, {"what", what}});
  if (auto sealed = rooms.custody.seal(person_of(account), personal, "network", event); !sealed)
    log::warning("custody.security_event", {{"error", sealed.error().message}});
}

social::Accounts::Welcome welcome_by(custody::Front& front) {
  return [&front](store::Session& session, const social::Account& account,
                  const social::Newcomer& newcomer) -> Result<std::string> {
    auto personal =
        custody::new_personal(newcomer.viewer.empty() ? crypto::random_token(viewer_random_bytes) : newcomer.viewer);
    const auto person = person_of(account);
    if (person.minor) {
      VT_TRY(personal.adult_from_ms, social::adult_from(newcomer.birth_date));
    }
    VT_CHECK(front.seal(session, person, personal, "link", personal.text()));
    if (!newcomer.birth_date.empty()) VT_CHECK(front.seal(session, person, personal, "identity", newcomer.birth_date));
    return personal.text();
  };
}

}  // namespace vitrine::api
