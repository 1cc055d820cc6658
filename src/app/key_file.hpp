// Secrets that a process makes for itself at its first start.
#pragma once
#include <string>

#include "base/crypto.hpp"
#include "base/result.hpp"

namespace vitrine::app {

/// 32 random bytes kept in `path` (mode 0600), made durably on first use. Errors: internal (damaged), storage_full.
[[nodiscard]] Result<crypto::Hash> key_file(const std::string& path);

}  // namespace vitrine::app
