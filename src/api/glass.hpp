// What anybody may see of custody, as JSON; openapi.json describes each member. Pure functions, thread-safe.
#pragma once
#include <set>

#include "base/json.hpp"
#include "custody/demands.hpp"
#include "custody/public_register.hpp"

namespace vitrine::api {

struct GlassFacts {
  const custody::Rules& rules;
  const custody::PublicRegister::View& seen;
  const std::set<std::string>& independent;  ///< witnesses and custodians that others run, by their names
  std::string state;                         ///< "up", or why personal data cannot be read just now
  std::int64_t now_s = 0;
};
[[nodiscard]] json::object glass_json(const GlassFacts& facts);

/// A demand with all that is known of it.
[[nodiscard]] json::object demand_json(const custody::Demand& demand, std::int64_t now_s);

}  // namespace vitrine::api
