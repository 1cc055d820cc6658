#include "app/house.hpp"

#include <condition_variable>
#include <set>

#include "api/erase.hpp"
#include "api/idempotency.hpp"
#include "api/personal.hpp"
#include "api/render.hpp"
#include "app/chores.hpp"
#include "app/custody_place.hpp"
#include "app/keepers.hpp"
#include "app/log_client.hpp"
#include "app/outside.hpp"
#include "app/vault_client.hpp"
#include "base/log.hpp"
#include "custody/demands.hpp"
#include "custody/outbox.hpp"
#include "custody/public_register.hpp"
#include "custody/startup_entries.hpp"
#include "feed/feed.hpp"
#include "feed/settings.hpp"
#include "media/queue.hpp"
#include "media/uploads.hpp"
#include "social/accounts.hpp"
#include "social/analytics.hpp"
#include "social/collections.hpp"
#include "social/comments.hpp"
#include "social/follows.hpp"
#include "social/mail_codes.hpp"
#include "social/moderation.hpp"
#include "social/moderators.hpp"
#include "social/notifications.hpp"
#include "social/passkeys.hpp"
#include "social/people.hpp"
#include "social/search.hpp"
#include "social/staff.hpp"
#include "social/trends.hpp"
#include "social/verification.hpp"
#include "social/videos.hpp"
#include "store/blobs.hpp"
#include "store/database.hpp"
#include "store/stream.hpp"

namespace vitrine::app {
namespace {

constexpr std::size_t reconcile_batch = 1'000;
constexpr std::chrono::seconds housekeeping_first{3}, housekeeping_pause{60};

social::PublishedMedia media_of(const media::Published& published) {
  social::PublishedMedia media{.duration_ms = published.duration_ms,
                               .width = published.width,
                               .height = published.height,
                               .has_audio = published.has_audio,
                               .placeholder = published.placeholder,
                               .poster_key = published.poster_key,
                               .hls_key = published.hls_key};
  for (const auto& source : published.sources)
    media.sources.push_back({source.key, source.width, source.height, source.bitrate, source.bytes, source.codecs});
  if (const auto& sheet = published.preview)
    media.preview = social::Preview{sheet->key,         sheet->columns,    sheet->rows,       sheet->count,
                                    sheet->interval_ms, sheet->tile_width, sheet->tile_height};
  return media;
}

social::Showing showing_of(const feed::Watched& watched) {
  return {.viewer = watched.viewer,
          .video = watched.video,
          .source = feed::name(watched.surface),
          .shown_at = watched.shown_at,
          .watched_ms = watched.watched_ms,
          .view = watched.view,
          .liked = watched.liked,
          .commented = watched.commented,
          .saved = watched.saved,
          .shared = watched.shared,
          .followed = watched.followed};
}

/// Has the feed offer a video or not, as its row says: one at a time, so that what it hears last is what the row said
/// last, whoever changed it.
class FeedTeller {
 public:
  FeedTeller(social::Videos& videos, feed::Feed& feed) : videos_(videos), feed_(feed) {}

  Result<void> tell(const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto video = videos_.by_id(id);
    if (!video && video.error().code != Errc::not_found) return std::unexpected(video.error());
    return video && video->is_offered() ? feed_.video_live(api::clip_of(*video)) : feed_.video_removed(id);
  }

 private:
  social::Videos& videos_;
  feed::Feed& feed_;
  std::mutex mutex_;
};

/// What the media room says of a video goes to its row, then to the feed. The other way round the feed could show a
/// video that is not there; this way a crash in between leaves one that reconcile() finds at the next start.
class Announcer final : public media::Publisher {
 public:
  Announcer(social::Videos& videos, FeedTeller& feed, social::Notifications& notifications)
      : videos_(videos), feed_(feed), notifications_(notifications) {}

  void progress(const std::string&, const media::Progress&) override {}
  Result<void> publish(const media::Published& published) override {
    VT_TRY(const auto before, videos_.by_id(published.video));
    VT_TRY(const auto video, videos_.publish(published.video, media_of(published)));
    VT_CHECK(feed_.tell(video.id));
    // Further renditions are no news, and of what is held nobody is told.
    if (before.state == social::VideoState::live || video.state != social::VideoState::live) return {};
    return notifications_.tell_mentioned(video.caption, video.creator_id, video.id, "", {});
  }
  Result<void> refuse(const std::string& video, const std::string& code, const std::string& detail) override {
    return videos_.fail(video, {code, detail});
  }

 private:
  social::Videos& videos_;
  FeedTeller& feed_;
  social::Notifications& notifications_;
};

/// Tells the feed of videos that it is to offer, or not any more, since it was not told (a crash between the two).
Result<void> reconcile(social::Videos& videos, feed::Feed& feed) {
  std::set<std::string> offered;
  for (std::string after;;) {
    VT_TRY(const auto ids, videos.offered_ids(after, reconcile_batch));
    if (ids.empty()) break;
    for (const auto& id : ids) {
      offered.insert(id);
      if (feed.knows(id)) continue;
      VT_TRY(const auto video, videos.by_id(id));
      VT_CHECK(feed.video_live(api::clip_of(video)));
    }
    after = ids.back();
  }
  for (const auto& id : feed.live_videos()) {
    if (!offered.contains(id)) VT_CHECK(feed.video_removed(id));
  }
  return {};
}

/// Who holds keys elsewhere, by the operator's word.
std::set<std::string> independent_in(const custody::Rules& rules) {
  std::set<std::string> out;
  for (const auto& one : rules.custodians) out.insert(one.name);
  for (const auto& one : rules.witnesses.witnesses()) out.insert(one.name);
  return out;
}

/// Runs small chores soon, and once a minute until it is destroyed.
class Housekeeper {
 public:
  explicit Housekeeper(std::function<void()> chores)
      : thread_([this, chores = std::move(chores)](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          auto pause = housekeeping_first;
          while (!wake_.wait_for(lock, stop, pause, [&] { return stop.stop_requested(); })) {
            chores();
            pause = housekeeping_pause;
          }
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace

/// In order of construction: what stands below is used by what stands above, and outlives it.
struct House::Impl {
  explicit Impl(DataDirectory d) : directory(std::move(d)), idempotency(clock) {}

  SystemClock clock;
  DataDirectory directory;
  api::Idempotency idempotency;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::Blobs> blobs;
  std::unique_ptr<store::Blobs> snapshots;
  std::unique_ptr<store::Stream> stream;
  std::unique_ptr<VaultClient> vault;
  std::unique_ptr<custody::Front> front;
  std::unique_ptr<custody::PublicRegister> public_register;
  std::unique_ptr<custody::Outbox> outbox;
  std::unique_ptr<custody::Demands> demands;
  std::unique_ptr<social::Accounts> accounts;
  std::unique_ptr<social::Passkeys> passkeys;
  std::unique_ptr<social::Videos> videos;
  std::unique_ptr<social::Follows> follows;
  std::unique_ptr<social::People> people;
  std::unique_ptr<social::Comments> comments;
  std::unique_ptr<social::Notifications> notifications;
  std::unique_ptr<social::Collections> collections;
  std::unique_ptr<social::MailCodes> mail_codes;
  std::unique_ptr<social::Staff> staff;
  std::unique_ptr<social::Search> search;
  std::unique_ptr<social::Trends> trends;
  std::unique_ptr<social::Moderators> moderators;
  std::unique_ptr<social::Analytics> analytics;
  std::unique_ptr<Outside> outside;
  std::unique_ptr<social::Verification> verification;
  std::unique_ptr<feed::Feed> feed;
  std::unique_ptr<FeedTeller> feed_teller;
  std::unique_ptr<social::Moderation> moderation;
  std::unique_ptr<Announcer> announcer;
  std::unique_ptr<media::Queue> queue;
  std::unique_ptr<media::Uploads> uploads;
  std::unique_ptr<Housekeeper> housekeeper;
  std::unique_ptr<Keepers> keepers;
  custody::LogPort log;
  std::string log_directory;
  std::set<std::string> independent;
  std::unique_ptr<Chores> chores;
  bool announced = false;  ///< the housekeeper's
  std::unique_ptr<api::Rooms> rooms;

  Result<void> open_stores(const Config& config) {
    VT_TRY(database, open_configured_database(config, directory));
    VT_TRY(blobs, store::open_file_blobs(directory.file("blobs")));
    VT_TRY(snapshots, store::open_file_blobs(directory.file("snapshots")));
    VT_TRY(stream, store::open_segments(directory.file("events")));
    return {};
  }

  Result<void> open_custody(const Config& config) {
    VT_TRY(auto place, custody_place(config, directory));
    vault = std::make_unique<VaultClient>(place.vault);
    VT_TRY(front, custody::Front::open(*database, place.rules, *vault, clock));
    log = log_at(place.log_append);
    log_directory = place.log;
    VT_TRY(public_register,
           custody::PublicRegister::open(
               {.rules = place.rules, .fetch = fetch_from(place.log), .seen_file = directory.file("custody.seen")},
               clock));
    VT_TRY(outbox, custody::Outbox::open(*database, log));
    VT_TRY(demands, custody::Demands::open(*database, *outbox, clock,
                                           {config.home_countries.begin(), config.home_countries.end()}));
    if (!place.own) independent = independent_in(place.rules);
    if (place.own) keepers = std::make_unique<Keepers>(std::move(*place.household));
    chores = std::make_unique<Chores>();
    return {};
  }

  Result<void> open_social() {
    VT_TRY(accounts, social::Accounts::open(*database, clock, api::welcome_by(*front)));
    VT_TRY(passkeys, social::Passkeys::open(*database, *accounts, clock));
    VT_TRY(videos, social::Videos::open(*database, clock));
    VT_TRY(follows, social::Follows::open(*database, clock));
    VT_TRY(people, social::People::open(*database, clock));
    VT_TRY(comments, social::Comments::open(*database, clock));
    VT_TRY(notifications, social::Notifications::open(*database, clock));
    VT_TRY(collections, social::Collections::open(*database, clock));
    mail_codes = std::make_unique<social::MailCodes>(*database, clock);
    staff = std::make_unique<social::Staff>(*database, clock);
    VT_TRY(search, social::Search::open(*database, clock));
    trends = std::make_unique<social::Trends>(*database, clock);
    moderators = std::make_unique<social::Moderators>(*database, clock);
    VT_TRY(analytics, social::Analytics::open(*database, clock));
    return {};
  }

  Result<void> feed_analytics() {
    VT_TRY(const auto taken, analytics->taken_until());
    feed->set_watched_consumer(static_cast<store::Sequence>(taken),
                               [this](store::Sequence, store::Sequence to, std::span<const feed::Watched> watched) {
                                 std::vector<social::Showing> list;
                                 for (const auto& one : watched) list.push_back(showing_of(one));
                                 return analytics->take(list, static_cast<std::int64_t>(to));
                               });
    return {};
  }

  Result<void> open_feed(const Config& config) {
    VT_TRY(const auto settings, feed::read_settings(config.feed_settings));
    VT_TRY(feed, feed::Feed::open(*stream, clock, {.snapshots = snapshots.get(), .settings = settings.text}));
    VT_CHECK(reconcile(*videos, *feed));
    feed_teller = std::make_unique<FeedTeller>(*videos, *feed);
    VT_TRY(const auto counted, videos->counted_until());
    feed->set_counts_consumer(static_cast<store::Sequence>(counted),
                              [this](store::Sequence, store::Sequence to, std::span<const feed::VideoCounts> counts) {
                                std::vector<social::Counted> list;
                                for (const auto& one : counts) list.push_back({one.video, one.views, one.shares});
                                return videos->count(list, static_cast<std::int64_t>(to));
                              });
    return feed_analytics();
  }

  Result<void> open_verification(const Config& config) {
    outside = std::make_unique<Outside>(
        OutsideOptions{.gateway = config.outside_gateway, .authorities = config.outside_authorities});
    social::VerificationPorts ports;
    ports.fetch = [this](const std::string& domain, std::string_view path) { return outside->get(domain, path); };
    ports.tell = [this](const std::string& account) {
      notifications->tell({social::NotificationKind::verification, account, account, "", ""});
    };
    VT_TRY(verification, social::Verification::open(*database, clock, std::move(ports)));
    return {};
  }

  Result<void> open_moderation() {
    social::ModerationPorts ports;
    ports.say = [this](store::Session& session, const social::PublicDecision& said) {
      return custody::Outbox::add(
          session, custody::entry::Intervention{custody::bucket_of(clock.now()), said.action, "moderation",
                                                said.decision, said.rule, said.until_s}
                       .text());
    };
    ports.said = [this] { outbox->try_to_move_on(); };
    ports.video_changed = [this](const std::string& video) { return feed_teller->tell(video); };
    VT_TRY(moderation, social::Moderation::open(*database, clock, *accounts, *videos, *comments, std::move(ports)));
    return {};
  }

  /// A finished upload becomes a row, then a job; both do nothing the second time.
  Result<void> take_over(const media::FinishedUpload& upload) {
    auto created = videos->create({upload.id, upload.account_id, upload.metadata.caption, upload.metadata.tags});
    // The account was erased while its upload ran.
    if (!created && created.error().code == Errc::conflict) return {};
    VT_CHECK(created);
    VT_CHECK(moderation->screen_upload(upload.id, upload.sha256));
    return queue->enqueue({upload.id, upload.account_id, upload.path, upload.sha256});
  }

  Result<void> open_media(const Config& config) {
    announcer = std::make_unique<Announcer>(*videos, *feed_teller, *notifications);
    VT_TRY(queue, media::Queue::open(*database, *blobs, clock, *announcer,
                                     {.work_directory = directory.file("work"),
                                      .workers = static_cast<int>(config.transcode_jobs_max),
                                      .keep_originals = config.keep_originals}));
    VT_TRY(uploads, media::Uploads::open(*database, clock, directory.file("quarantine"),
                                         [this](const auto& upload) { return take_over(upload); }));
    VT_CHECK(queue->start());
    return {};
  }

  /// Says in the log what runs, once the log is there.
  void announce() {
    if (announced || custody_state() != "up") return;
    const auto binary = custody::hash_of_own_binary();
    if (!binary) return log::warning("custody.announce", {{"error", binary.error().message}});
    const custody::Running running{
        .binary = *binary, .version = VITRINE_VERSION, .model = crypto::sha256(feed->settings())};
    if (const auto done = custody::announce(*public_register, running, log, clock); !done)
      return log::warning("custody.announce", {{"error", done.error().message}});
    announced = true;
  }

  [[nodiscard]] std::string custody_state() const { return keepers ? keepers->state() : "up"; }

  void keep_house() {
    announce();
    if (auto kept = demands->keep_up(); !kept) log::warning("custody.demands", {{"error", kept.error().message}});
    if (auto kept = moderation->keep_up(); !kept) log::warning("moderation", {{"error", kept.error().message}});
    if (auto swept = uploads->sweep(); !swept) log::warning("uploads.sweep", {{"error", swept.error().message}});
    if (auto given = uploads->hand_over_finished(); !given)
      log::warning("uploads.hand_over", {{"error", given.error().message}});
    if (auto kept = search->keep_up(); !kept) log::warning("search.keep_up", {{"error", kept.error().message}});
    if (auto kept = trends->keep_up(); !kept) log::warning("trends.keep_up", {{"error", kept.error().message}});
    if (auto kept = verification->keep_up(); !kept)
      log::warning("verification.keep_up", {{"error", kept.error().message}});
    if (auto kept = analytics->keep_up(); !kept) log::warning("analytics.keep_up", {{"error", kept.error().message}});
  }
};

House::House(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

House::~House() {
  impl_->housekeeper.reset();
  if (impl_->queue) impl_->queue->stop();
}

api::Rooms& House::rooms() { return *impl_->rooms; }

Result<std::unique_ptr<House>> House::open(const Config& config) {
  VT_TRY(auto directory, DataDirectory::open(config.data));
  auto impl = std::make_unique<Impl>(std::move(directory));
  VT_CHECK(impl->open_stores(config));
  VT_CHECK(impl->open_custody(config));
  VT_CHECK(impl->open_social());
  VT_CHECK(impl->open_feed(config));
  VT_CHECK(impl->open_moderation());
  VT_CHECK(impl->open_verification(config));
  VT_CHECK(impl->open_media(config));
  impl->rooms = std::make_unique<api::Rooms>(api::Rooms{
      .clock = impl->clock,
      .database = *impl->database,
      .blobs = *impl->blobs,
      .accounts = *impl->accounts,
      .passkeys = *impl->passkeys,
      .videos = *impl->videos,
      .follows = *impl->follows,
      .people = *impl->people,
      .comments = *impl->comments,
      .notifications = *impl->notifications,
      .collections = *impl->collections,
      .uploads = *impl->uploads,
      .queue = *impl->queue,
      .feed = *impl->feed,
      .custody = *impl->front,
      .public_register = *impl->public_register,
      .demands = *impl->demands,
      .mail_codes = *impl->mail_codes,
      .staff = *impl->staff,
      .search = *impl->search,
      .trends = *impl->trends,
      .moderators = *impl->moderators,
      .moderation = *impl->moderation,
      .analytics = *impl->analytics,
      .verification = *impl->verification,
      .idempotency = impl->idempotency,
      .custody_state = [house = impl.get()] { return house->custody_state(); },
      .tell_feed = [house = impl.get()](const std::string& video) { return house->feed_teller->tell(video); },
      .chores = [house = impl.get()](Chores::Chore chore) { house->chores->add(std::move(chore)); },
      .sends_mail = !config.smtp.empty(),
      .work_directory = impl->directory.file("work"),
      .public_url = config.public_url,
      .security_contact = config.security_contact,
      .independent = impl->independent,
      .log_directory = impl->log_directory});
  VT_CHECK(api::finish_erasures(*impl->rooms));
  impl->housekeeper = std::make_unique<Housekeeper>([house = impl.get()] { house->keep_house(); });
  return std::unique_ptr<House>(new House(std::move(impl)));
}

Result<std::unique_ptr<store::Database>> open_configured_database(const Config& config,
                                                                  const DataDirectory& directory) {
  return store::open_database(config.database.empty() ? directory.file("vitrine.db") : config.database);
}

}  // namespace vitrine::app
