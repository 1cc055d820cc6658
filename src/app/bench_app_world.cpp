#include "app/bench_app_world.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/id.hpp"

namespace vitrine::app {
namespace {

using feed::Random;

constexpr double account_skew = 0.8, video_skew = 0.85;
constexpr std::size_t follows_per_account = 5, likes_per_video = 5, reposts_per_video = 1;
constexpr std::size_t creators_one_in = 5;         // accounts that make videos
constexpr std::size_t replies_percent = 40;        // of comments
constexpr std::size_t comment_likes_percent = 50;  // likes, of the number of comments
constexpr std::size_t blocks_one_in = 100;         // accounts
constexpr std::size_t mentions_one_in = 40;        // captions and comments
constexpr std::size_t news_per_account = 6;        // of which people are told, before they are gathered
constexpr std::size_t unread_percent = 30;
constexpr std::int64_t news_age_ms = 60LL * 24 * 3600 * 1000;
constexpr TimeMs account_age_ms = 720LL * 24 * 3600 * 1000;

/// Numbers from 0 on in the order of chance.
std::vector<AppWorld::Number> shuffled(std::size_t count, Random random) {
  std::vector<AppWorld::Number> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0U);
  for (std::size_t i = count; i > 1; --i) std::swap(numbers[i - 1], numbers[random.below(i)]);
  return numbers;
}

void sort_without_repeats(std::vector<AppWorld::Edge>& edges) {
  std::ranges::sort(edges);
  edges.erase(std::ranges::unique(edges).begin(), edges.end());
}

std::size_t size_of(std::int64_t count) { return static_cast<std::size_t>(count); }

}  // namespace

AppWorld::AppWorld(const AppWorldOptions& options)
    : options_(options),
      known_(size_of(options.accounts), account_skew),
      viewed_(size_of(options.videos), video_skew),
      accounts_by_rank_(shuffled(size_of(options.accounts), random(Stream::order, 1))),
      videos_by_rank_(shuffled(size_of(options.videos), random(Stream::order, 2))),
      rank_of_video_(size_of(options.videos)) {
  for (std::size_t rank = 0; rank < videos_by_rank_.size(); ++rank)
    rank_of_video_[videos_by_rank_[rank]] = static_cast<Number>(rank);
  draw_creators();
  draw_follows();
  draw_likes();
  draw_comments();
  draw_comment_likes();
  draw_blocks();
  draw_reposts();
}

Random AppWorld::random(Stream stream, std::uint64_t number) const {
  const auto seed = feed::mix(static_cast<std::uint64_t>(options_.seed) * 64 + static_cast<std::uint64_t>(stream));
  return Random(feed::mix(seed + number));
}

std::string AppWorld::id(Stream stream, std::size_t number, TimeMs at) const {
  auto bits = random(stream, number);
  std::array<unsigned char, id_length - id_time_length> bytes{};
  for (auto& byte : bytes) byte = static_cast<unsigned char>(bits.below(256));
  return make_id(at, bytes);
}

// --- who makes, follows, likes and says what --------------------------------------------------------------------

void AppWorld::draw_creators() {
  auto chance = random(Stream::draw, 1);
  const Zipf busy(std::max<std::size_t>(accounts_by_rank_.size() / creators_one_in, 1), account_skew);
  for (std::size_t i = 0; i < videos_by_rank_.size(); ++i) creators_.push_back(accounts_by_rank_[busy(chance)]);
}

void AppWorld::draw_follows() {
  auto chance = random(Stream::draw, 2);
  for (std::size_t i = 0; i < accounts_by_rank_.size() * follows_per_account; ++i) {
    const Edge edge{chance.below(2) ? some_account(chance) : any_account(chance), some_account(chance)};
    if (edge.from != edge.to) follows_.push_back(edge);
  }
  sort_without_repeats(follows_);
}

void AppWorld::draw_likes() {
  auto chance = random(Stream::draw, 3);
  for (std::size_t i = 0; i < videos_by_rank_.size() * likes_per_video; ++i) {
    const auto account = chance.below(2) ? some_account(chance) : any_account(chance);
    likes_.push_back({account, some_video(chance)});
  }
  sort_without_repeats(likes_);
}

void AppWorld::draw_reposts() {
  auto chance = random(Stream::draw, 8);
  for (std::size_t i = 0; i < videos_by_rank_.size() * reposts_per_video; ++i) {
    const Edge edge{chance.below(2) ? some_account(chance) : any_account(chance), some_video(chance)};
    if (edge.from != creators_[edge.to] && !is_blocked(edge.from, creators_[edge.to])) reposts_.push_back(edge);
  }
  sort_without_repeats(reposts_);
}

/// In order of time. Half of the replies go to a video's first thread, which grows long, half to its last.
void AppWorld::draw_comments() {
  auto chance = random(Stream::draw, 4);
  const auto count = size_of(options_.comments);
  std::vector<std::int32_t> first_thread(videos_by_rank_.size(), -1), last_thread(videos_by_rank_.size(), -1);
  comments_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double part = static_cast<double>(i + 1) / static_cast<double>(count);
    Comment comment{.video = some_video(chance), .at = options_.ends_at - static_cast<TimeMs>((1 - part) * age_ms)};
    // Of a video that is not there yet, an older one is spoken of.
    if (published_at(comment.video) >= comment.at)
      comment.video = static_cast<Number>(static_cast<double>(comment.video) * part * part);
    comment.at = std::max(comment.at, published_at(comment.video) + 1);
    comment.author = chance.below(2) ? some_account(chance) : any_account(chance);
    if (last_thread[comment.video] >= 0 && chance.below(100) < replies_percent) {
      comment.parent = chance.below(2) ? first_thread[comment.video] : last_thread[comment.video];
      ++comments_[size_of(comment.parent)].replies;
    } else {
      last_thread[comment.video] = static_cast<std::int32_t>(i);
      if (first_thread[comment.video] < 0) first_thread[comment.video] = static_cast<std::int32_t>(i);
    }
    comments_.push_back(comment);
  }
}

void AppWorld::draw_comment_likes() {
  if (comments_.empty()) return;
  auto chance = random(Stream::draw, 5);
  const Zipf liked(comments_.size(), video_skew);
  const auto order = shuffled(comments_.size(), random(Stream::order, 3));
  for (std::size_t i = 0; i < comments_.size() * comment_likes_percent / 100; ++i)
    comment_likes_.push_back({some_account(chance), order[liked(chance)]});
  sort_without_repeats(comment_likes_);
  for (const auto& edge : comment_likes_) ++comments_[edge.to].likes;
}

/// Never of somebody whom one follows.
void AppWorld::draw_blocks() {
  auto chance = random(Stream::draw, 6);
  const auto follows = [this](const Edge& edge) { return std::ranges::binary_search(follows_, edge); };
  for (std::size_t i = 0; i < accounts_by_rank_.size() / blocks_one_in; ++i) {
    const Edge edge{any_account(chance), some_account(chance)};
    if (edge.from != edge.to && !follows(edge) && !follows({edge.to, edge.from})) blocks_.push_back(edge);
  }
  sort_without_repeats(blocks_);
}

bool AppWorld::is_blocked(Number one, Number other) const {
  return std::ranges::binary_search(blocks_, Edge{one, other}) || std::ranges::binary_search(blocks_, Edge{other, one});
}

// --- what people are told of ------------------------------------------------------------------------------------

namespace {

using News = AppWorld::Notification;

/// What one day's news of the same kind about the same thing have in common.
auto about(const News& one) {
  constexpr TimeMs day_ms = 24LL * 3600 * 1000;
  const auto thing = one.kind == social::NotificationKind::comment_like ? one.comment : one.video;
  return std::tuple(one.recipient, one.kind, thing, one.at / day_ms);
}

/// Of a day, one notification with all who did the same; the last of them tells when.
std::vector<News> gathered(std::vector<News> news) {
  std::ranges::sort(news, {}, [](const News& one) { return std::tuple(about(one), one.at, one.actors.front()); });
  std::vector<News> out;
  for (auto& one : news) {
    if (out.empty() || about(out.back()) != about(one)) {
      out.push_back(std::move(one));
      continue;
    }
    auto& before = out.back();
    if (std::ranges::find(before.actors, one.actors.front()) == before.actors.end())
      before.actors.push_back(one.actors.front());
    before.comment = one.comment;
    before.at = one.at;
  }
  return out;
}

/// The newest of each account, as many as are kept.
std::vector<News> kept(std::vector<News> news, std::size_t accounts) {
  std::ranges::sort(news, std::greater(), [](const News& one) { return std::tuple(one.at, about(one)); });
  std::vector<std::int64_t> of_account(accounts);
  std::erase_if(news,
                [&](const News& one) { return ++of_account[one.recipient] > social::notifications_per_account_max; });
  std::ranges::reverse(news);
  return news;
}

}  // namespace

std::optional<AppWorld::Notification> AppWorld::some_news(Random& chance) const {
  using Kind = social::NotificationKind;
  const auto some = [&chance](const auto& list) { return chance.below(list.size()); };
  const auto about_video = [&](Kind kind, const std::vector<Edge>& edges) -> std::optional<Notification> {
    if (edges.empty()) return std::nullopt;
    const auto& edge = edges[some(edges)];
    return Notification{.kind = kind,
                        .recipient = creators_[edge.to],
                        .video = static_cast<std::int32_t>(edge.to),
                        .actors = {edge.from}};
  };
  switch (chance.below(5)) {
    case 0: {
      if (follows_.empty()) return std::nullopt;
      const auto& edge = follows_[some(follows_)];
      return Notification{.kind = Kind::follow, .recipient = edge.to, .actors = {edge.from}};
    }
    case 1: return about_video(Kind::like, likes_);
    case 2: return about_video(Kind::repost, reposts_);
    case 3: {
      if (comment_likes_.empty()) return std::nullopt;
      const auto& edge = comment_likes_[some(comment_likes_)];
      return about_comment(Kind::comment_like, edge.to, comments_[edge.to].author, edge.from);
    }
    default: {
      if (comments_.empty()) return std::nullopt;
      const auto number = static_cast<Number>(some(comments_));
      const auto& comment = comments_[number];
      if (comment.parent < 0) return about_comment(Kind::comment, number, creators_[comment.video], comment.author);
      return about_comment(Kind::reply, number, comments_[size_of(comment.parent)].author, comment.author);
    }
  }
}

AppWorld::Notification AppWorld::about_comment(social::NotificationKind kind, Number comment, Number recipient,
                                               Number actor) const {
  return {.kind = kind,
          .recipient = recipient,
          .video = static_cast<std::int32_t>(comments_[comment].video),
          .comment = static_cast<std::int32_t>(comment),
          .actors = {actor},
          .at = comments_[comment].at};
}

std::vector<AppWorld::Notification> AppWorld::notifications() const {
  auto chance = random(Stream::draw, 7);
  std::vector<Notification> news;
  for (std::size_t i = 0; i < accounts_by_rank_.size() * news_per_account; ++i) {
    auto one = some_news(chance);
    if (!one || one->recipient == one->actors.front() || is_blocked(one->recipient, one->actors.front())) continue;
    one->at = std::max(one->at, options_.ends_at - static_cast<TimeMs>(chance.below(news_age_ms)));
    one->unread = chance.below(100) < unread_percent;
    news.push_back(std::move(*one));
  }
  return kept(gathered(std::move(news)), accounts_by_rank_.size());
}

// --- how they look ----------------------------------------------------------------------------------------------

TimeMs AppWorld::joined_at(std::size_t account) const {
  const double part = static_cast<double>(account) / static_cast<double>(accounts_by_rank_.size());
  return options_.ends_at - account_age_ms + static_cast<TimeMs>(part * static_cast<double>(account_age_ms - age_ms));
}

std::string AppWorld::account_id(std::size_t account) const { return id(Stream::account, account, joined_at(account)); }

std::string AppWorld::viewer(std::size_t account) const {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr std::size_t length = 22;
  auto chance = random(Stream::viewer, account);
  std::string out;
  for (std::size_t i = 0; i < length; ++i) out += letters[chance.below(letters.size())];
  return out;
}

/// More come every day than the day before.
TimeMs AppWorld::published_at(std::size_t video) const {
  const double part = std::sqrt(static_cast<double>(video + 1) / static_cast<double>(videos_by_rank_.size() + 1));
  return options_.ends_at - age_ms + static_cast<TimeMs>(part * static_cast<double>(age_ms));
}

std::string AppWorld::video_id(std::size_t video) const { return id(Stream::video, video, published_at(video)); }

std::string AppWorld::with_mention(std::string text, Random& chance) const {
  if (chance.below(mentions_one_in) > 0) return text;
  return fmt::format("{} @{}", text, BenchWords::handle(some_account(chance)));
}

std::string AppWorld::caption(std::size_t video) const {
  constexpr std::size_t words_min = 2, words_max = 14, hashtags_max = 3;
  auto chance = random(Stream::caption, video);
  std::string text = with_mention(words_.text(chance, words_min, words_max), chance);
  for (auto left = chance.below(hashtags_max + 1); left > 0; --left) text += " #" + words_.some_tag(chance);
  return text;
}

std::vector<std::string> AppWorld::tags(std::size_t video) const {
  auto chance = random(Stream::video, video + (std::uint64_t{1} << 32));
  std::vector<std::string> tags;
  for (auto left = chance.below(3); left > 0; --left) tags.push_back(words_.some_tag(chance));
  return tags;
}

std::int64_t AppWorld::views(std::size_t video) const {
  constexpr double all = 2e6;
  return static_cast<std::int64_t>(all / std::pow(static_cast<double>(rank_of_video_[video]) + 20, 0.9));
}

std::int64_t AppWorld::duration_ms(std::size_t video) const {
  return 5'000 + static_cast<std::int64_t>(random(Stream::text, video).below(55'000));
}

std::string AppWorld::comment_id(std::size_t comment) const {
  return id(Stream::comment, comment, comments_[comment].at);
}

std::string AppWorld::comment_text(std::size_t comment) const {
  constexpr std::size_t words_min = 1, words_max = 18;
  auto chance = random(Stream::text, comment + (std::uint64_t{1} << 32));
  return with_mention(words_.text(chance, words_min, words_max), chance);
}

std::string AppWorld::notification_id(std::size_t number, TimeMs at) const {
  return id(Stream::notification, number, at);
}

}  // namespace vitrine::app
