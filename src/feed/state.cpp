// What the engine's state consists of, said once: for snapshots, for reading them back, and for the hash.
#include "base/crypto.hpp"
#include "feed/archive.hpp"
#include "feed/rates.hpp"

namespace vitrine::feed {

template <class Archive>
class StateOf {
 public:
  explicit StateOf(Archive& archive) : archive_(archive) {}

  void engine(auto& self) {
    sizes(self);
    archive_(self.now_, self.global_);
    settings(self.settings_);
    for (auto& group : self.groups_) archive_(group);
    archive_.list(self.tags_, [this](auto& one) { tag(one); });
    archive_.list(self.creators_, [this](auto& one) { creator(one); });
    archive_.list(self.clips_, [this](auto& one) { clip(one); });
    archive_.list(self.viewers_, [this](auto& one) { viewer(one); });
    choices(self.choices_);
    owed(self.owed_);
    best(self.popular_);
    if constexpr (Archive::reads)
      if (self.tags_.size() != tags_ || self.creators_.size() != creators_ || self.clips_.size() != clips_)
        archive_.refuse("other counts than announced");
    archive_(self.events_, self.unprofiled_showings_, self.oldest_live_, self.ranker_, self.watch_times_);
  }

 private:
  /// Ahead of all else, so that every number can be held against them as it is read.
  void sizes(auto& self) {
    std::uint64_t tags = self.tags_.size(), creators = self.creators_.size(), clips = self.clips_.size();
    archive_(tags, creators, clips);
    tags_ = tags;
    creators_ = creators;
    clips_ = clips;
  }

  void settings(auto& self) {
    std::string text = self.text;
    archive_(text);
    if constexpr (Archive::reads) {
      if (auto parsed = parse_settings(text))
        self = std::move(*parsed);
      else
        archive_.refuse(parsed.error().message);
    }
  }

  void tag(auto& self) {
    archive_(self.text, self.quality);
    best(self.best);
    clip_numbers(self.newest);
  }
  void creator(auto& self) {
    archive_(self.id, self.quality);
    clip_numbers(self.clips);
  }
  void best(auto& self) {
    clip_numbers(self.clips);
    archive_(self.threshold);
  }
  void clip_numbers(auto& all) {
    archive_.list(all, [this](auto& number) { archive_.index(number, clips_); });
  }

  void clip(auto& place) {
    bool live = place != nullptr;
    archive_(live);
    if constexpr (Archive::reads)
      if (live) place = std::make_unique<ClipState>();
    if (!live) return;
    auto& self = *place;
    archive_(self.id);
    archive_.index(self.creator, creators_);
    archive_.list(self.tags, [this](auto& number) { archive_.index(number, tags_); });
    archive_(self.duration_ms, self.created, self.quality, self.untrusted, self.audience, self.listed,
             self.watched_well);
    archive_.list(self.neighbours, [this](auto& one) {
      archive_.index(one.clip, clips_);
      archive_(one.weight, one.at);
    });
  }

  void viewer(auto& self) {
    archive_(self.id);
    std::remove_cvref_t<decltype(self.seen)>::describe(archive_, self.seen, clips_);
    archive_(self.clips_seen, self.last_at, self.mood);
    tastes(self.tags, tags_);
    tastes(self.creators, creators_);
    archive_.list(self.recent, [this](auto& one) {
      archive_.index(one.clip, clips_);
      archive_(one.weight, one.at);
    });
    archive_(self.traits);
  }
  void tastes(auto& all, std::size_t bound) {
    archive_.list(all, [&](auto& one) {
      archive_.index(one.key, bound);
      archive_(one.sum, one.evidence, one.at);
    });
  }

  void choices(auto& all) {
    using Pair = std::pair<std::string, Choices>;
    std::vector<Pair> sorted;  // the order in memory is nothing of the state's
    if constexpr (!Archive::reads) {
      sorted.assign(all.begin(), all.end());
      std::ranges::sort(sorted, {}, &Pair::first);
    }
    archive_.list(sorted, [this](auto& one) {
      auto& [id, chosen] = one;
      archive_(id, chosen.preferences.personalised);
      archive_.list(chosen.preferences.topics);
      archive_.list(chosen.preferences.muted_tags);
      archive_.list(chosen.preferences.muted_creators);
      archive_.list(chosen.followed, [this](auto& number) { archive_.index(number, creators_); });
    });
    if constexpr (Archive::reads) all.insert(sorted.begin(), sorted.end());
  }

  void owed(auto& all) {
    std::vector<ClipNumber> numbers;
    for (auto one = all.at_or_after(0); one != NumberSet::none; one = all.at_or_after(one + 1)) numbers.push_back(one);
    clip_numbers(numbers);
    if constexpr (Archive::reads)
      for (const auto one : numbers) all.insert(one);
  }

  Archive& archive_;
  std::size_t tags_ = 0, creators_ = 0, clips_ = 0;
};

void RateEngine::save(StateWriter& writer) const { StateOf(writer).engine(*this); }

/// What is found by other means than by number follows from the rest.
void RateEngine::load(StateReader& reader) {
  StateOf(reader).engine(*this);
  if (!reader.ok()) return;
  const auto refuse_if = [&reader](bool wrong, std::string_view what) {
    if (wrong) reader.refuse(what);
  };
  ranker_.set(settings_.learning);
  refuse_if(clips_.empty() || clips_[0] || clips_.size() > clip_number_max + 1ULL, "impossible clips");
  for (const auto& [id, chosen] : choices_)
    if (!chosen.preferences.personalised) unprofiled_.insert(id);
  for (TagNumber i = 0; i < tags_.size(); ++i) refuse_if(!tag_numbers_.emplace(tags_[i].text, i).second, "a tag twice");
  for (CreatorNumber i = 0; i < creators_.size(); ++i)
    refuse_if(!creator_numbers_.emplace(creators_[i].id, i).second, "a creator twice");
  for (auto at = viewers_.begin(); at != viewers_.end(); ++at)
    refuse_if(!viewer_index_.emplace(at->id, at).second, "a viewer twice");
  for (ClipNumber i = 0; i < clips_.size() && reader.ok(); ++i) {
    if (!clips_[i]) continue;
    refuse_if(find(clips_[i]->id).has_value(), "a clip twice");
    clip_numbers_.add(clips_[i]->id, i);
    ++live_;
  }
  for (auto one = owed_.at_or_after(0); one != NumberSet::none; one = owed_.at_or_after(one + 1))
    refuse_if(!clip(one), "a clip that is owed viewers and not there");
  refuse_if(!reader.at_end(), "more than was expected");
}

std::uint64_t RateEngine::state_hash() const {
  crypto::Digest digest(crypto::Digest::Kind::sha256);
  {
    StateWriter writer([&digest](std::string_view bytes) { digest.update(crypto::bytes_of(bytes)); });
    save(writer);
  }
  const auto hash = digest.finish();
  std::uint64_t out = 0;
  std::memcpy(&out, hash.data(), sizeof out);
  return out;
}

}  // namespace vitrine::feed
