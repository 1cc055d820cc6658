// What the log needs of a durable sequence of records; the house hands it the store's stream.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace vitrine::tlog {

/// Thread-safe. A record's number is its entry's index in the log.
class Journal {
 public:
  virtual ~Journal() = default;
  /// All or nothing, in order; durable on return. Gives the number of the first.
  [[nodiscard]] virtual Result<std::uint64_t> append(std::span<const std::string_view> records) = 0;
  /// Up to `limit` records from `from` on; empty at the end. Error: gone if `from` is no longer kept.
  [[nodiscard]] virtual Result<std::vector<std::string>> read(std::uint64_t from, std::size_t limit) const = 0;
  [[nodiscard]] virtual std::uint64_t end() const = 0;
  /// What comes before is in the tiles and may go.
  [[nodiscard]] virtual Result<void> drop_before(std::uint64_t number) = 0;
};

}  // namespace vitrine::tlog
