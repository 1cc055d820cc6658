#include "social/search_ranking.hpp"

#include <cmath>

namespace vitrine::social {
namespace {

struct Field {
  std::string_view words;
  double weight;
};

double worth(const Term& term, const Field& field) {
  switch (best_match(term, field.words)) {
    case Match::whole: return field.weight;
    case Match::prefix: return field.weight * unfinished_word_share;
    case Match::none: break;
  }
  return 0;
}

double worth_of_words(std::span<const Term> terms, std::initializer_list<Field> fields) {
  double sum = 0;
  for (const auto& term : terms) {
    double best = 0;
    for (const auto& field : fields) best = std::max(best, worth(term, field));
    sum += best;
  }
  return terms.empty() ? 0 : sum / static_cast<double>(terms.size());
}

double tens(std::int64_t count) { return std::log10(1 + static_cast<double>(std::max<std::int64_t>(0, count))); }

double recency(TimeMs age_ms) {
  return std::exp2(-static_cast<double>(std::max<TimeMs>(0, age_ms)) / static_cast<double>(recency_half_life_ms));
}

Score millionths(double value) { return std::llround(value * 1e6); }

/// The handle as a whole is the first of its words but for its sign.
bool is_own_handle(std::span<const Term> terms, std::string_view handle_words) {
  std::string typed;
  for (const auto& term : terms) typed += term.word;
  const auto whole = handle_words.substr(0, handle_words.find(' '));
  return typed == whole || (whole.size() == typed.size() + 1 && whole.ends_with(typed));
}

}  // namespace

double relevance_of(const WordsOfVideo& words, std::span<const Term> terms) {
  return worth_of_words(terms, {{words.tags, tag_weight},
                                {words.handle, handle_weight},
                                {words.caption, caption_weight},
                                {words.transcript, transcript_weight}});
}

Score score_of(const FoundVideo& video, TimeMs now) {
  return millionths(video.relevance + recency_weight * recency(now - video.created_at) +
                    tenfold_views_weight * tens(video.views));
}

Score score_of(const FoundAccount& account, std::span<const Term> terms) {
  const double words =
      worth_of_words(terms, {{account.words_of_handle, handle_weight}, {account.words_of_name, name_weight}});
  const double own = is_own_handle(terms, account.words_of_handle) ? own_handle_weight : 0;
  return millionths(words + own + tenfold_followers_weight * tens(account.followers));
}

Score score_on_tag_page(const FoundVideo& video) {
  const double age = static_cast<double>(video.created_at) / static_cast<double>(tenfold_points_age_ms);
  return millionths(tens(video.views + like_points * video.likes) + age);
}

}  // namespace vitrine::social
