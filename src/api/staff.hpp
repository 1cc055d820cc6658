// Who of those who ask is staff. Whether they may sign is decided by the custodians, from the roster in the log.
#pragma once
#include "api/api.hpp"
#include "custody/rules.hpp"
#include "social/staff.hpp"

namespace vitrine::api {

[[nodiscard]] custody::Member member_of(const social::StaffMember& staff);
/// Errors: unauthenticated, forbidden.
[[nodiscard]] Result<custody::Member> require_staff(Rooms& rooms, const http::Request& request);

}  // namespace vitrine::api
