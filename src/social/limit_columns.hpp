// How limits stand in three columns of a row: daily_minutes, quiet_from, quiet_to; NULL says none.
#pragma once
#include "social/limits.hpp"
#include "store/database.hpp"

namespace vitrine::social {

[[nodiscard]] inline Limits limits_at(const store::Row& row, std::size_t column) {
  Limits limits;
  if (!row.is_null(column)) limits.daily_minutes = static_cast<int>(row.integer(column));
  if (!row.is_null(column + 1))
    limits.quiet = Quiet{static_cast<int>(row.integer(column + 1)), static_cast<int>(row.integer(column + 2))};
  return limits;
}

inline void append_limits(store::Params& params, const Limits& limits) {
  const auto minutes = [](int number) { return store::Value(std::int64_t{number}); };
  const auto& [daily, quiet] = limits;
  params.push_back(daily ? minutes(*daily) : store::Value());
  params.push_back(quiet ? minutes(quiet->from_min) : store::Value());
  params.push_back(quiet ? minutes(quiet->to_min) : store::Value());
}

}  // namespace vitrine::social
