// The log, as rooms of custody need it; the house hands it to them.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "base/result.hpp"

namespace vitrine::custody {

/// Thread-safe; errors say unavailable when the log is away.
struct LogPort {
  /// Whether anything can be sent to it. After an error nothing was.
  std::function<Result<void>()> reach;
  /// Gives the entry's index once it is durable. After an error it may be in the log, or not.
  std::function<Result<std::uint64_t>(const std::string& entry)> append;
  /// Waits for the witnesses and gives a tlog-proof.
  std::function<Result<std::string>(std::uint64_t index)> prove;
};

}  // namespace vitrine::custody
