// What is sealed about the person who asks, and what their session remembers of it. The service can read neither
// without the session's token; see custody/front.hpp.
#pragma once
#include "api/api.hpp"
#include "api/caller.hpp"
#include "base/json.hpp"
#include "custody/front.hpp"

namespace vitrine::api {

/// Somebody who signs up, as the request's body introduces them. Error: invalid_argument.
[[nodiscard]] Result<social::Newcomer> newcomer_of(const http::Request& request, const json::object& body);

[[nodiscard]] custody::Person person_of(const social::Account& account);

/// What links the caller's account to their viewer. A session that was begun without it (by a password, elsewhere) has
/// the vault open it once; a receipt of that is left. Errors: unauthenticated, unavailable.
[[nodiscard]] Result<custody::Personal> personal_of(Rooms& rooms, Caller& caller);
/// The same where nothing depends on it: while the vault is away, the caller watches as a stranger.
void try_personal(Rooms& rooms, Caller& caller);

/// Seals that something happened to the account, with the address it came from, for as long as such events are kept.
void note_security_event(Rooms& rooms, const social::Account& account, const custody::Personal& personal,
                         const http::Request& request, std::string_view what);

/// What makes an account's first secret: seals the link and the birth date with the account itself.
[[nodiscard]] social::Accounts::Welcome welcome_by(custody::Front& front);

}  // namespace vitrine::api
