// How good the engine is, on a log whose outcome is known: the engine that serves is driven, not a copy of it.
#pragma once
#include <functional>
#include <map>
#include <string>

#include "feed/associations.hpp"
#include "feed/interaction_log.hpp"
#include "feed/settings.hpp"

namespace vitrine::feed {

using Metrics = std::map<std::string, double>;
/// Called now and then with what is done of all.
using Progress = std::function<void(std::string_view what, std::size_t done, std::size_t all)>;

/// Areas, losses and orders of one head's predictions; empty where only one outcome happened.
class HeadScore {
 public:
  void add(std::uint32_t user, float predicted, bool happened) { all_.push_back({predicted, user, happened}); }
  /// auc, gauc (per user, weighted by showings, users with both outcomes only), logloss, calibration (predicted /
  /// happened).
  void put(Metrics& into, const std::string& prefix) const;

 private:
  struct One {
    float predicted;
    std::uint32_t user;
    bool happened;
  };
  std::vector<One> all_;
};

/// Predicted against watched time.
class WatchScore {
 public:
  void add(double predicted_ms, double watched_ms) { all_.emplace_back(predicted_ms, watched_ms); }
  /// xauc: share of all pairs of showings watched for different times whose predictions stand in the same order (equal
  /// predictions count half); mae_s.
  void put(Metrics& into, const std::string& prefix) const;

 private:
  std::vector<std::pair<double, double>> all_;
};

/// Predict, then learn, row by row, after learning `warm` (if any). Beside it the same engine frozen as it is when the
/// log begins: its predictions are named "frozen.…". Each half of the log is reported by itself as well.
/// new_item_share: of the rows, those about an item of which fewer than ten rows had been learned.
[[nodiscard]] Metrics prequential(const InteractionLog& log, const InteractionLog* warm, const Settings& settings,
                                  const Progress& progress);

/// Each user's last item is held back, the rest is learned, all items the user has not had are ranked. Of the first ten
/// of each ranking: coverage@10 (share of all items that are in one), gini@10, new_item_share@10 (as above).
[[nodiscard]] Metrics leave_one_out(const InteractionLog& log, const Progress& progress);
/// Learns one log, is tested on another whose items and users are numbered alike.
[[nodiscard]] Metrics split(const InteractionLog& log, const InteractionLog& test, const Progress& progress);

}  // namespace vitrine::feed
