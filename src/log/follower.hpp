// Follows a log from its first entry on and believes nothing but its keys: every entry is read, every hash computed
// anew.
#pragma once
#include <functional>

#include "log/policy.hpp"
#include "log/tile.hpp"

namespace vitrine::tlog {

/// Gets paths below a log ("checkpoint", "tile/entries/000"); its error not_found means that there is no such file.
using Fetch = std::function<Result<std::string>(const std::string& path)>;

/// Not thread-safe.
class Follower {
 public:
  struct Hooks {
    /// Every entry, in order; an error stops the following.
    std::function<Result<void>(std::uint64_t index, std::string_view entry)> on_entry = {};
    /// Tiles as the entries give them: the full ones as they become so, at the end of following the partial ones.
    std::function<Result<void>(const TileBytes& tile)> on_tile = {};
    std::function<void(std::uint64_t done, std::uint64_t size)> on_progress = {};
  };
  Follower(VerifierKey log, Policy policy, Fetch fetch, Hooks hooks)
      : log_(std::move(log)), policy_(std::move(policy)), fetch_(std::move(fetch)), hooks_(std::move(hooks)) {}

  /// Reads on to the newest checkpoint that enough witnesses have cosigned. `through` is a checkpoint known from
  /// elsewhere, which the log must continue or already have continued.
  /// Errors: unavailable (fetching), forbidden (signatures), unprocessable (the entries do not give the root; names the
  /// place), conflict (the log went back, or tells another story than before: a split view).
  [[nodiscard]] Result<void> follow(const Checkpoint* through = nullptr);

  [[nodiscard]] std::uint64_t size() const { return edge_.size(); }
  [[nodiscard]] const Policy::Witnessed& newest() const { return newest_; }

 private:
  Result<void> read_on(std::uint64_t size, const Checkpoint* through);
  Result<void> check_past(const Checkpoint& through);

  const VerifierKey log_;
  const Policy policy_;
  const Fetch fetch_;
  const Hooks hooks_;
  Edge edge_;
  Policy::Witnessed newest_;
};

}  // namespace vitrine::tlog
