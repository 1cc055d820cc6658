// How the service and the vault talk to the log's writer.
#pragma once
#include <string>

#include "custody/log_port.hpp"

namespace vitrine::app {

/// `url` is where the log takes entries, "unix:…" or "http://…". Its errors begin with what stops while it is away.
[[nodiscard]] custody::LogPort log_at(const std::string& url);

}  // namespace vitrine::app
