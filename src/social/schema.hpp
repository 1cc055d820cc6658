// The tables of this room; each class uses its own.
#pragma once
#include "store/database.hpp"

namespace vitrine::social {

/// Brings the schemas "social" and "search" up to date. Every open() of this room calls it; doing it again is cheap.
[[nodiscard]] Result<void> migrate_social(store::Database& database);

}  // namespace vitrine::social
