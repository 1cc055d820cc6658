// What was handed to whom a short while ago, kept in memory only: so that the next page does not repeat a clip whose
// event has not come yet, and so that an event about a clip that was really offered can be told from one that was made
// up. After a restart it is empty: pages may then repeat what was handed out but not watched, and events weigh as
// unserved.
#pragma once
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "feed/limits.hpp"
#include "feed/sets.hpp"

namespace vitrine::feed {

/// One viewer's. Guarded by its shard's mutex.
class Handed {
 public:
  void add(ClipNumber clip, TimeMs now) {
    if (all_.size() >= limits::handed_out_per_viewer_max)
      all_.erase(all_.begin(), all_.begin() + limits::handed_out_per_viewer_max / 4);
    all_.push_back({clip, now, false});
  }
  /// A visit begins: nothing of the one before is on the screen any more.
  void release() {
    for (auto& one : all_) one.released = true;
  }
  [[nodiscard]] bool was_served(ClipNumber clip) const {
    return std::ranges::find(all_, clip, &One::clip) != all_.end();
  }
  /// What must not come again: of the last minutes, or of the whole visit where no list of what was seen may be read.
  [[nodiscard]] std::vector<ClipNumber> withheld(TimeMs now, bool whole_visit) const {
    std::vector<ClipNumber> out;
    for (const auto& one : all_)
      if (!one.released && (whole_visit || now - one.at < limits::handed_out_ms)) out.push_back(one.clip);
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }
  /// The newest `count` of this visit, newest last.
  [[nodiscard]] std::vector<ClipNumber> last(std::size_t count) const {
    std::vector<ClipNumber> out;
    for (std::size_t i = all_.size() - std::min(all_.size(), count); i < all_.size(); ++i)
      if (!all_[i].released) out.push_back(all_[i].clip);
    return out;
  }

 private:
  struct One {
    ClipNumber clip = 0;
    TimeMs at = 0;
    bool released = false;
  };
  std::vector<One> all_;
};

/// Part of the viewers; past its share of handed_out_viewers_max the one served longest ago is dropped.
class HandedShard {
 public:
  std::mutex mutex;

  [[nodiscard]] Handed& of(std::string_view viewer, std::size_t viewers_max) {
    if (const auto found = index_.find(viewer); found != index_.end()) {
      viewers_.splice(viewers_.begin(), viewers_, found->second);
      return found->second->second;
    }
    viewers_.emplace_front(std::string(viewer), Handed());
    index_.emplace(viewers_.front().first, viewers_.begin());
    if (viewers_.size() > viewers_max) {
      index_.erase(viewers_.back().first);
      viewers_.pop_back();
    }
    return viewers_.front().second;
  }
  [[nodiscard]] const Handed* find(std::string_view viewer) const {
    const auto found = index_.find(viewer);
    return found == index_.end() ? nullptr : &found->second->second;
  }
  void forget(std::string_view viewer) {
    const auto found = index_.find(viewer);
    if (found == index_.end()) return;
    const auto place = found->second;
    index_.erase(found);
    viewers_.erase(place);
  }

 private:
  using Viewers = std::list<std::pair<std::string, Handed>>;
  Viewers viewers_;
  std::unordered_map<std::string_view, Viewers::iterator> index_;
};

}  // namespace vitrine::feed
