#include "app/bench_app_fill.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "app/bench_media_rows.hpp"
#include "app/data_directory.hpp"
#include "app/house.hpp"
#include "app/record_writer.hpp"
#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "feed/limits.hpp"
#include "media/synthetic.hpp"
#include "social/bulk.hpp"
#include "store/blobs.hpp"
#include "store/database.hpp"

namespace vitrine::app {
namespace {

constexpr std::size_t watches_per_video = 5;
constexpr std::size_t trending_videos = 5'000;
constexpr TimeMs day_ms = 24LL * 3600 * 1000;
constexpr std::string_view world_file = "world.json";
constexpr std::size_t world_file_bytes_max = 4096;

/// "comments 120000 of 1000000", a few times each second at most.
class Progress {
 public:
  void tell(std::string_view what, std::size_t done, std::size_t all) {
    const auto now = std::chrono::steady_clock::now();
    const bool last = done == all;
    if (!last && now - told_ < std::chrono::milliseconds(500)) return;
    told_ = now;
    std::fprintf(stderr, "\r%-20.*s %9zu of %zu%s", static_cast<int>(what.size()), what.data(), done, all,
                 last ? "\n" : "");
  }

 private:
  std::chrono::steady_clock::time_point told_{};
};

// --- media ------------------------------------------------------------------------------------------------------

/// One clip that can be played, whichever video is asked for.
Result<void> write_media(const DataDirectory& directory) {
  constexpr std::string_view clip = "clip.mp4";
  VT_CHECK(media::synthesize({.picture = "testsrc2=s=540x960:r=25", .sound = "sine=f=220"}, directory.file("work"),
                             std::string(clip), {}));
  VT_TRY(const auto bytes, read_file(directory.file(fmt::format("work/{}", clip)), std::size_t{64} << 20));
  VT_TRY(const auto blobs, store::open_file_blobs(directory.file("blobs")));
  for (const auto& source : bench_media(1).sources) VT_CHECK(blobs->put(source.key, bytes));
  std::error_code ignored;
  std::filesystem::remove(directory.file(fmt::format("work/{}", clip)), ignored);
  return {};
}

// --- rows -------------------------------------------------------------------------------------------------------

/// Writes what the world says into the rooms' tables, with what is counted there.
class Rows {
 public:
  Rows(const AppWorld& world, social::Bulk& bulk, Progress& progress)
      : world_(world), bulk_(bulk), progress_(progress) {
    const auto count = [](std::int64_t size) { return static_cast<std::size_t>(size); };
    const auto& options = world.options();
    for (std::size_t i = 0; i < count(options.accounts); ++i) accounts_.push_back(world.account_id(i));
    for (std::size_t i = 0; i < count(options.videos); ++i) videos_.push_back(world.video_id(i));
    for (std::size_t i = 0; i < count(options.comments); ++i) comments_.push_back(world.comment_id(i));
  }

  Result<void> write() {
    VT_CHECK(write_accounts());
    VT_CHECK(write_videos());
    VT_CHECK(write_edges("follows", world_.follows(), accounts_, &social::Bulk::add_follow));
    VT_CHECK(write_edges("likes", world_.likes(), videos_, &social::Bulk::add_like));
    VT_CHECK(write_edges("reposts", world_.reposts(), videos_, &social::Bulk::add_repost));
    VT_CHECK(write_comments());
    VT_CHECK(write_edges("likes of comments", world_.comment_likes(), comments_, &social::Bulk::add_comment_like));
    VT_CHECK(write_notifications());
    return write_edges("blocks", world_.blocks(), accounts_, &social::Bulk::add_block);
  }

  /// After the index is there: what was watched in the last eight days.
  Result<void> write_recent_views() {
    feed::Random random(static_cast<std::uint64_t>(world_.options().seed));
    std::vector<social::BulkViews> lately;
    for (std::size_t i = 0; i < std::min(trending_videos, videos_.size()); ++i) {
      const auto video = world_.some_video(random);
      const auto views = world_.views(video);
      lately.push_back({.video = videos_[video],
                        .views = views,
                        .added = views / 50 + 1,
                        .at = world_.options().ends_at - static_cast<TimeMs>(random.below(8 * day_ms))});
    }
    return bulk_.add_views(lately);
  }

 private:
  using Edges = std::vector<AppWorld::Edge>;
  using AddEdge = Result<void> (social::Bulk::*)(std::string_view, std::string_view, TimeMs);

  static std::vector<std::int64_t> counts(const Edges& edges, AppWorld::Number AppWorld::Edge::*end, std::size_t size) {
    std::vector<std::int64_t> out(size);
    for (const auto& edge : edges) ++out[edge.*end];
    return out;
  }

  Result<void> write_accounts() {
    const auto followers = counts(world_.follows(), &AppWorld::Edge::to, accounts_.size());
    const auto following = counts(world_.follows(), &AppWorld::Edge::from, accounts_.size());
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
      VT_CHECK(bulk_.add(social::BulkAccount{.id = accounts_[i],
                                             .handle = BenchWords::handle(i),
                                             .display_name = BenchWords::display_name(i),
                                             .created_at = world_.joined_at(i),
                                             .followers = followers[i],
                                             .following = following[i]}));
      progress_.tell("accounts", i + 1, accounts_.size());
    }
    return {};
  }

  Result<void> write_videos() {
    const auto likes = counts(world_.likes(), &AppWorld::Edge::to, videos_.size());
    const auto reposts = counts(world_.reposts(), &AppWorld::Edge::to, videos_.size());
    std::vector<std::int64_t> comments(videos_.size());
    for (const auto& comment : world_.comments()) ++comments[comment.video];
    for (std::size_t i = 0; i < videos_.size(); ++i) {
      const auto media = bench_media(world_.duration_ms(i));
      const auto caption = world_.caption(i);
      VT_TRY(auto tags, social::checked_tags(world_.tags(i), caption));
      VT_CHECK(bulk_.add(social::BulkVideo{.id = videos_[i],
                                           .creator_id = accounts_[world_.creators()[i]],
                                           .caption = caption,
                                           .tags = std::move(tags),
                                           .created_at = world_.published_at(i),
                                           .likes = likes[i],
                                           .views = world_.views(i),
                                           .comments = comments[i],
                                           .reposts = reposts[i],
                                           .media = &media}));
      progress_.tell("videos", i + 1, videos_.size());
    }
    return {};
  }

  Result<void> write_comments() {
    for (std::size_t i = 0; i < comments_.size(); ++i) {
      const auto& comment = world_.comments()[i];
      VT_CHECK(bulk_.add(
          social::BulkComment{.id = comments_[i],
                              .video = videos_[comment.video],
                              .creator_id = accounts_[world_.creators()[comment.video]],
                              .author_id = accounts_[comment.author],
                              .text = world_.comment_text(i),
                              .parent = comment.parent < 0 ? "" : comments_[static_cast<std::size_t>(comment.parent)],
                              .created_at = comment.at,
                              .likes = comment.likes,
                              .replies = comment.replies}));
      progress_.tell("comments", i + 1, comments_.size());
    }
    return {};
  }

  Result<void> write_edges(std::string_view what, const Edges& edges, const std::vector<std::string>& ids,
                           AddEdge add) {
    for (std::size_t i = 0; i < edges.size(); ++i) {
      VT_CHECK((bulk_.*add)(accounts_[edges[i].from], ids[edges[i].to],
                            world_.options().ends_at - static_cast<TimeMs>(feed::mix(i) % AppWorld::age_ms)));
      progress_.tell(what, i + 1, edges.size());
    }
    return {};
  }

  Result<void> write_notifications() {
    const auto notifications = world_.notifications();
    const auto id_or_empty = [](const std::vector<std::string>& ids, std::int32_t number) {
      return number < 0 ? std::string() : ids[static_cast<std::size_t>(number)];
    };
    for (std::size_t i = 0; i < notifications.size(); ++i) {
      const auto& one = notifications[i];
      std::vector<std::string> actors;
      for (const auto actor : one.actors) actors.push_back(accounts_[actor]);
      VT_CHECK(bulk_.add(social::BulkNotification{.id = world_.notification_id(i, one.at),
                                                  .recipient = accounts_[one.recipient],
                                                  .kind = one.kind,
                                                  .video = id_or_empty(videos_, one.video),
                                                  .comment = id_or_empty(comments_, one.comment),
                                                  .actors = std::move(actors),
                                                  .created_at = one.at,
                                                  .unread = one.unread}));
      progress_.tell("notifications", i + 1, notifications.size());
    }
    return {};
  }

  const AppWorld& world_;
  social::Bulk& bulk_;
  Progress& progress_;
  std::vector<std::string> accounts_, videos_, comments_;
};

// --- the feed's stream ------------------------------------------------------------------------------------------

/// What the feed heard in that life, in the order of time: videos, and after each of them what was watched and whom
/// people began to follow.
class Heard {
 public:
  Heard(const AppWorld& world, RecordWriter& records) : world_(world), records_(records) {
    for (std::size_t i = 0; i < world.creators().size(); ++i) videos_.push_back(world.video_id(i));
  }

  Result<void> write(Progress& progress) {
    const auto& follows = world_.follows();
    std::size_t followed = 0;
    for (std::size_t i = 0; i < videos_.size(); ++i) {
      now_ = world_.published_at(i) / feed::limits::minute_ms;
      VT_CHECK(write_video(i));
      for (; followed < follows.size() * (i + 1) / videos_.size(); ++followed)
        VT_CHECK(write_follow(follows[followed]));
      for (std::size_t k = 0; k < watches_per_video; ++k) VT_CHECK(write_watch(i));
      progress.tell("the feed's stream", i + 1, videos_.size());
    }
    return records_.flush();
  }

 private:
  Result<void> write_video(std::size_t i) {
    VT_TRY(const auto tags, social::checked_tags(world_.tags(i), world_.caption(i)));
    const auto creator = world_.account_id(world_.creators()[i]);
    feed::Entry entry;
    entry.kind = feed::Kind::video;
    entry.at = entry.created = now_;
    entry.video = videos_[i];
    entry.creator = creator;
    for (const auto& tag : tags) entry.tags[entry.tag_count++] = tag;
    entry.duration_ms = world_.duration_ms(i);
    return records_.add(entry);
  }

  Result<void> write_follow(const AppWorld::Edge& edge) {
    const auto viewer = world_.viewer(edge.from), creator = world_.account_id(edge.to);
    feed::Entry entry;
    entry.kind = feed::Kind::follow;
    entry.at = now_;
    entry.viewer = viewer;
    entry.creator = creator;
    entry.on = true;
    return records_.add(entry);
  }

  /// Of one that is there by now.
  Result<void> write_watch(std::size_t newest) {
    const auto viewer = world_.viewer(world_.some_account(random_));
    auto video = world_.some_video(random_);
    if (video > newest) video = static_cast<AppWorld::Number>(random_.below(newest + 1));
    const auto length = static_cast<std::uint64_t>(world_.duration_ms(video));
    feed::Entry entry;
    entry.at = entry.shown = now_;
    entry.viewer = viewer;
    entry.video = videos_[video];
    entry.event = feed::mix(++watches_);
    entry.finished = random_.below(100) < 40;
    entry.watched_ms = static_cast<std::int64_t>(entry.finished ? length : random_.below(length / 2));
    entry.liked = entry.finished && random_.below(8) == 0;
    entry.served = true;
    return records_.add(entry);
  }

  const AppWorld& world_;
  RecordWriter& records_;
  feed::Random random_{31};
  std::vector<std::string> videos_;
  feed::Minute now_ = 0;
  std::uint64_t watches_ = 0;
};

/// Tells how many records there are.
Result<std::int64_t> write_stream(const DataDirectory& directory, const AppWorld& world, Progress& progress) {
  VT_TRY(const auto stream, store::open_segments(directory.file("events")));
  RecordWriter records(*stream);
  VT_CHECK(Heard(world, records).write(progress));
  return static_cast<std::int64_t>(stream->end());
}

// --- all of it --------------------------------------------------------------------------------------------------

Result<void> check_empty(store::Database& database, const DataDirectory& directory, const SystemClock& clock) {
  VT_TRY(const auto videos, social::Videos::open(database, clock));
  VT_TRY(const auto some, videos->live_ids("", 1));
  if (!some.empty() || std::filesystem::exists(directory.file(world_file)))
    return fail(Errc::conflict, "there is a service in this place already: choose an empty --data and database");
  return {};
}

Result<void> note_world(const DataDirectory& directory, const AppWorldOptions& options) {
  return write_file_durably(directory.file(world_file), json::serialize(json::object{{"videos", options.videos},
                                                                                     {"comments", options.comments},
                                                                                     {"accounts", options.accounts},
                                                                                     {"seed", options.seed},
                                                                                     {"ends_at", options.ends_at}}));
}

/// As the engine's own housekeeping would have found out in that life.
Result<void> gather_statistics(store::Database& database) {
  if (database.engine() == "postgresql") VT_CHECK(database.execute("ANALYZE"));
  return {};
}

}  // namespace

Result<void> bench_world(const Config& config, AppWorldOptions options) {
  const SystemClock clock;
  const auto start = std::chrono::steady_clock::now();
  if (options.ends_at == 0) options.ends_at = clock.now();
  VT_TRY(const auto directory, DataDirectory::open(config.data));
  VT_TRY(const auto database, open_configured_database(config, directory));
  VT_CHECK(check_empty(*database, directory, clock));
  const AppWorld world(options);
  Progress progress;
  VT_CHECK(write_media(directory));
  VT_TRY(const auto bulk, social::Bulk::open(*database));
  Rows rows(world, *bulk, progress);
  VT_CHECK(rows.write());
  VT_CHECK(bulk->finish());
  VT_CHECK(rows.write_recent_views());
  VT_TRY(const auto records, write_stream(directory, world, progress));
  VT_TRY(const auto videos, social::Videos::open(*database, clock));
  // Views were counted long ago: the service has no arrears to work off while it is asked.
  VT_CHECK(videos->count({}, records));
  VT_CHECK(gather_statistics(*database));
  VT_CHECK(note_world(directory, options));
  std::fprintf(stderr, "made in %.0f s\n",
               std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return {};
}

Result<AppWorldOptions> world_options_of(const Config& config) {
  const auto text = read_file(fmt::format("{}/{}", config.data, world_file), world_file_bytes_max);
  if (!text)
    return fail(Errc::not_found, "there is no world in {}: make one with `vitrine bench world --data {}`", config.data,
                config.data);
  VT_TRY(const auto value, parse_json(*text));
  if (!value.is_object()) return fail(Errc::invalid_argument, "{} in {} cannot be read", world_file, config.data);
  const auto& object = value.get_object();
  AppWorldOptions options;
  VT_TRY(options.videos, int_member(object, "videos", 0));
  VT_TRY(options.comments, int_member(object, "comments", 0));
  VT_TRY(options.accounts, int_member(object, "accounts", 0));
  VT_TRY(options.seed, int_member(object, "seed", 0));
  VT_TRY(options.ends_at, int_member(object, "ends_at", 0));
  return options;
}

}  // namespace vitrine::app
