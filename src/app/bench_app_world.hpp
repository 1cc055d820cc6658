// The world that `vitrine bench app` measures in, as numbers: who made which video, who follows, likes and says what.
// A few of everything are everywhere and most are hardly known (Zipf). The same for the same options, to the last byte.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/bench_app_words.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "social/notifications.hpp"

namespace vitrine::app {

struct AppWorldOptions {
  std::int64_t videos = 100'000, comments = 1'000'000, accounts = 100'000;
  std::int64_t seed = 1;
  TimeMs ends_at = 0;  ///< the moment up to which it has lived
};

/// Accounts, videos and comments go by their number, in the order in which they came.
class AppWorld {
 public:
  static constexpr std::int64_t age_ms = 180LL * 24 * 3600 * 1000;  ///< of the first video

  using Number = std::uint32_t;
  struct Edge {
    Number from = 0, to = 0;
    auto operator<=>(const Edge&) const = default;
  };
  struct Comment {
    Number video = 0, author = 0;
    std::int32_t parent = -1;  ///< a comment of the same video, or none
    Number likes = 0, replies = 0;
    TimeMs at = 0;
  };
  struct Notification {
    social::NotificationKind kind = social::NotificationKind::follow;
    Number recipient = 0;
    std::int32_t video = -1, comment = -1;
    std::vector<Number> actors;
    TimeMs at = 0;
    bool unread = false;
  };

  explicit AppWorld(const AppWorldOptions& options);

  [[nodiscard]] const AppWorldOptions& options() const { return options_; }
  [[nodiscard]] const BenchWords& words() const { return words_; }

  [[nodiscard]] std::string account_id(std::size_t account) const;
  [[nodiscard]] std::string viewer(std::size_t account) const;  ///< the feed's pseudonym
  [[nodiscard]] TimeMs joined_at(std::size_t account) const;

  [[nodiscard]] std::string video_id(std::size_t video) const;
  [[nodiscard]] TimeMs published_at(std::size_t video) const;
  [[nodiscard]] std::string caption(std::size_t video) const;
  [[nodiscard]] std::vector<std::string> tags(std::size_t video) const;  ///< without those of the caption
  [[nodiscard]] std::int64_t views(std::size_t video) const;
  [[nodiscard]] std::int64_t duration_ms(std::size_t video) const;

  [[nodiscard]] std::string comment_id(std::size_t comment) const;
  [[nodiscard]] std::string comment_text(std::size_t comment) const;
  /// Of the n-th of notifications(), which came at that time.
  [[nodiscard]] std::string notification_id(std::size_t number, TimeMs at) const;

  [[nodiscard]] const std::vector<Number>& creators() const { return creators_; }  ///< of each video
  [[nodiscard]] const std::vector<Edge>& follows() const { return follows_; }      ///< sorted, without repeats
  [[nodiscard]] const std::vector<Edge>& likes() const { return likes_; }          ///< of videos; likewise
  [[nodiscard]] const std::vector<Edge>& reposts() const { return reposts_; }      ///< likewise; nobody's own
  [[nodiscard]] const std::vector<Edge>& comment_likes() const { return comment_likes_; }
  [[nodiscard]] const std::vector<Edge>& blocks() const { return blocks_; }
  [[nodiscard]] const std::vector<Comment>& comments() const { return comments_; }
  /// In the order in which they came; of each account the newest only, as the service keeps them.
  [[nodiscard]] std::vector<Notification> notifications() const;
  [[nodiscard]] bool is_blocked(Number one, Number other) const;  ///< by either

  /// By what draws people: the known more often.
  [[nodiscard]] Number some_account(feed::Random& random) const { return accounts_by_rank_[known_(random)]; }
  [[nodiscard]] Number some_video(feed::Random& random) const { return videos_by_rank_[viewed_(random)]; }
  [[nodiscard]] Number any_account(feed::Random& random) const {
    return static_cast<Number>(random.below(accounts_by_rank_.size()));
  }

 private:
  enum class Stream : std::uint64_t { account, viewer, video, caption, comment, text, notification, draw, order };
  [[nodiscard]] feed::Random random(Stream stream, std::uint64_t number = 0) const;
  [[nodiscard]] std::string id(Stream stream, std::size_t number, TimeMs at) const;
  [[nodiscard]] std::optional<Notification> some_news(feed::Random& chance) const;
  [[nodiscard]] Notification about_comment(social::NotificationKind kind, Number comment, Number recipient,
                                           Number actor) const;
  [[nodiscard]] std::string with_mention(std::string text, feed::Random& chance) const;
  void draw_creators();
  void draw_follows();
  void draw_likes();
  void draw_reposts();
  void draw_comments();
  void draw_comment_likes();
  void draw_blocks();

  AppWorldOptions options_;
  BenchWords words_;
  Zipf known_, viewed_;
  std::vector<Number> accounts_by_rank_, videos_by_rank_, rank_of_video_;
  std::vector<Number> creators_;
  std::vector<Edge> follows_, likes_, reposts_, comment_likes_, blocks_;
  std::vector<Comment> comments_;
};

}  // namespace vitrine::app
