// The catalogue and the people that `vitrine bench feed` measures with: the same for the same size, every time.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "feed/record.hpp"
#include "feed/statistics.hpp"

namespace vitrine::app {

/// Topics of unequal popularity, creators, viewers who like some topics and come for sessions.
class BenchWorld {
 public:
  static constexpr int topics = 300, topics_liked = 6;
  static constexpr int session_showings = 10;
  static constexpr std::int64_t clips_per_creator = 20;
  static constexpr std::int64_t per_minute = 100;  // new videos, then events
  static constexpr std::size_t events_most = 1'000'000;

  BenchWorld(std::int64_t videos, feed::Minute first) : random_(7), by_topic_(topics), first_(first), now_(first) {
    const auto creators = std::max<std::int64_t>(1, videos / clips_per_creator);
    for (int i = 0; i < topics; ++i) topics_.push_back(fmt::format("topic{}", i));
    for (std::int64_t i = 0; i < creators; ++i) creators_.push_back(fmt::format("{:026}", i));
    for (std::int64_t i = 0; i < videos; ++i) {
      ids_.push_back(fmt::format("{:026}", i));
      topic_.push_back(some_topic());
      by_topic_[topic_.back()].push_back(static_cast<std::uint32_t>(i));
      length_ms_.push_back(5'000 + static_cast<std::int64_t>(random_.below(55'000)));
    }
    const auto viewers = std::clamp<std::int64_t>(videos / 50, 1'000, 20'000);
    for (std::int64_t i = 0; i < viewers; ++i) {
      viewers_.push_back(fmt::format("viewer{:016}", i));
      for (int k = 0; k < topics_liked; ++k) liked_.push_back(some_topic());
    }
  }

  /// How long it all takes: new videos first, then the events.
  [[nodiscard]] static feed::Minute minutes(std::int64_t videos) {
    return (videos + static_cast<std::int64_t>(events(videos))) / per_minute + 1;
  }
  [[nodiscard]] static std::size_t events(std::int64_t videos) {
    return std::min(events_most, static_cast<std::size_t>(videos) * 5);
  }

  [[nodiscard]] std::size_t videos() const { return ids_.size(); }
  [[nodiscard]] const std::vector<std::string>& creators() const { return creators_; }
  [[nodiscard]] std::size_t viewers() const { return viewers_.size(); }
  [[nodiscard]] const std::string& viewer(std::size_t i) const { return viewers_[i]; }
  [[nodiscard]] feed::Minute end() const { return now_; }

  [[nodiscard]] feed::Entry video(std::size_t i) {
    feed::Entry entry;
    entry.kind = feed::Kind::video;
    entry.at = entry.created = now_ = first_ + static_cast<feed::Minute>(i / per_minute);
    entry.video = ids_[i];
    entry.creator = creators_[skewed(creators_.size())];
    entry.tags[entry.tag_count++] = topics_[topic_[i]];
    if (random_.below(2) == 0) entry.tags[entry.tag_count++] = topics_[some_topic()];
    entry.duration_ms = length_ms_[i];
    return entry;
  }
  /// One showing after the other; `session_showings` of one viewer, then somebody else.
  [[nodiscard]] feed::Entry event() {
    if (events_ % session_showings == 0) watcher_ = random_.below(viewers_.size());
    if (++events_ % per_minute == 0) ++now_;
    const bool liked = random_.below(10) < 7;
    const auto topic = liked ? liked_[watcher_ * topics_liked + random_.below(topics_liked)] : some_topic();
    const auto& choice = by_topic_[topic];
    const auto clip = choice.empty() ? random_.below(ids_.size()) : choice[skewed(choice.size())];
    feed::Entry entry;
    entry.at = entry.shown = now_;
    entry.viewer = viewers_[watcher_];
    entry.video = ids_[clip];
    entry.event = feed::mix(events_);
    const auto length = static_cast<std::uint64_t>(length_ms_[clip]);
    entry.finished = random_.below(100) < (liked ? 80 : 10);
    entry.watched_ms = static_cast<std::int64_t>(entry.finished ? length : random_.below(length / 2));
    entry.liked = entry.finished && random_.below(8) == 0;
    entry.served = true;
    entry.view = entry.watched_ms >= 2000;
    return entry;
  }
  [[nodiscard]] feed::Entry follow() {
    feed::Entry entry;
    entry.kind = feed::Kind::follow;
    entry.at = now_;
    entry.viewer = viewers_[random_.below(viewers_.size())];
    entry.creator = creators_[skewed(creators_.size())];
    entry.on = true;
    return entry;
  }
  [[nodiscard]] std::size_t some_viewer() { return random_.below(viewers_.size()); }

 private:
  std::size_t skewed(std::size_t size) {
    const double x = random_.uniform();
    return static_cast<std::size_t>(x * x * x * static_cast<double>(size));
  }
  std::size_t some_topic() { return skewed(topics); }

  feed::Random random_;
  std::vector<std::string> topics_, creators_, ids_, viewers_;
  std::vector<std::size_t> topic_, liked_;
  std::vector<std::int64_t> length_ms_;
  std::vector<std::vector<std::uint32_t>> by_topic_;
  std::size_t watcher_ = 0;
  std::uint64_t events_ = 0;
  feed::Minute first_, now_;
};

}  // namespace vitrine::app
