#include "social/common_searches.hpp"

namespace vitrine::social {
namespace {

/// No word holds a space or a star.
std::string key_of(std::span<const Term> terms) {
  std::string key;
  for (const auto& term : terms) key += term.word + (term.prefix ? "* " : " ");
  return key;
}

bool is_recent(TimeMs at, TimeMs now) { return now >= at && now - at < common_search_age_ms_max; }

}  // namespace

Result<std::shared_ptr<const VideoCandidates>> CommonSearches::find(std::span<const Term> terms) {
  auto key = key_of(terms);
  const TimeMs now = clock_.now();
  if (auto known = recent(key, now)) return known;
  VT_TRY(auto found, video_candidates(database_, terms));
  auto candidates = std::make_shared<const VideoCandidates>(std::move(found));
  if (!candidates->all) keep(std::move(key), now, candidates);
  return candidates;
}

std::shared_ptr<const VideoCandidates> CommonSearches::recent(const std::string& key, TimeMs now) {
  const std::lock_guard lock(mutex_);
  const auto known = kept_.find(key);
  return known != kept_.end() && is_recent(known->second.at, now) ? known->second.candidates : nullptr;
}

void CommonSearches::keep(std::string key, TimeMs now, std::shared_ptr<const VideoCandidates> candidates) {
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= common_searches_max)
    std::erase_if(kept_, [&](const auto& one) { return !is_recent(one.second.at, now); });
  if (kept_.size() < common_searches_max) kept_.insert_or_assign(std::move(key), Kept{now, std::move(candidates)});
}

}  // namespace vitrine::social
