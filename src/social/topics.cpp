// Which tags there are to choose from.
#include "social/tags_column.hpp"
#include "social/videos.hpp"

namespace vitrine::social {

Result<Videos::Topics> Videos::count_topics() const {
  VT_TRY(
      const auto rows,
      database_.query(fmt::format("SELECT v.tags FROM videos v WHERE {} ORDER BY v.id DESC LIMIT $1", sql_listed("v")),
                      {topics_videos_max}));
  std::unordered_map<std::string, std::int64_t> counts;
  for (const auto& row : rows)
    for (const auto& tag : split_tags(row.text(0))) ++counts[tag];
  auto topics = std::make_shared<std::vector<Topic>>();
  for (auto& [tag, videos] : counts) topics->push_back({tag, videos});
  std::ranges::sort(*topics, [](const Topic& a, const Topic& b) {
    return a.videos != b.videos ? a.videos > b.videos : a.tag < b.tag;
  });
  return topics;
}

void Videos::forget_topics() {
  const std::lock_guard lock(topics_mutex_);
  topics_.reset();
}

Result<std::vector<Topic>> Videos::topics(std::string_view prefix, std::size_t limit) const {
  Topics all;
  {
    // Whoever asks meanwhile waits for the one that counts, rather than counting as well.
    std::lock_guard lock(topics_mutex_);
    const TimeMs now = clock_.now();
    if (!topics_ || now - topics_at_ > topics_age_ms_max || now < topics_at_) {
      VT_TRY(topics_, count_topics());
      topics_at_ = now;
    }
    all = topics_;
  }
  std::vector<Topic> found;
  for (const auto& topic : *all) {
    if (found.size() >= limit) break;
    if (topic.tag.starts_with(prefix)) found.push_back(topic);
  }
  return found;
}

}  // namespace vitrine::social
