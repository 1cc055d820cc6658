// Who of the service's people asks: somebody on the roster, signed in.
#pragma once
#include "api/api.hpp"
#include "custody/rules.hpp"

namespace vitrine::api {

/// Errors: unauthenticated, forbidden (not on the roster, or not yet).
[[nodiscard]] Result<custody::Member> require_staff(Rooms& rooms, const http::Request& request);

}  // namespace vitrine::api
