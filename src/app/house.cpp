#include "app/house.hpp"

#include <condition_variable>
#include <filesystem>
#include <set>

#include "api/erase.hpp"
#include "api/idempotency.hpp"
#include "api/personal.hpp"
#include "api/render.hpp"
#include "api/video_choices.hpp"
#include "app/chores.hpp"
#include "app/custody_place.hpp"
#include "app/keepers.hpp"
#include "app/log_client.hpp"
#include "app/outside.hpp"
#include "app/push_sender.hpp"
#include "app/vault_client.hpp"
#include "base/log.hpp"
#include "custody/demands.hpp"
#include "custody/outbox.hpp"
#include "custody/public_register.hpp"
#include "custody/startup_entries.hpp"
#include "feed/feed.hpp"
#include "feed/settings.hpp"
#include "media/queue.hpp"
#include "media/transcriptions.hpp"
#include "media/uploads.hpp"
#include "social/accounts.hpp"
#include "social/analytics.hpp"
#include "social/captions.hpp"
#include "social/collections.hpp"
#include "social/comments.hpp"
#include "social/credits.hpp"
#include "social/digest.hpp"
#include "social/families.hpp"
#include "social/follows.hpp"
#include "social/limits.hpp"
#include "social/mail_codes.hpp"
#include "social/moderation.hpp"
#include "social/moderators.hpp"
#include "social/notifications.hpp"
#include "social/passkeys.hpp"
#include "social/people.hpp"
#include "social/playlists.hpp"
#include "social/push.hpp"
#include "social/regions.hpp"
#include "social/reposts.hpp"
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
constexpr std::chrono::seconds schedule_pause{1};  ///< how late a scheduled video may be

social::PublishedMedia media_of(const media::Published& published) {
  social::PublishedMedia media{.duration_ms = published.duration_ms,
                               .width = published.width,
                               .height = published.height,
                               .has_audio = published.has_audio,
                               .placeholder = published.placeholder,
                               .poster_key = published.poster_key,
                               .thumbnail_key = published.thumbnail_key,
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

social::NotificationKind notification_of(social::CreditKind kind) {
  switch (kind) {
    case social::CreditKind::duet: return social::NotificationKind::duet;
    case social::CreditKind::stitch: return social::NotificationKind::stitch;
    case social::CreditKind::sound: return social::NotificationKind::sound;
  }
  return social::NotificationKind::duet;
}

/// Has the feed offer a video or not, as its row says: one at a time, so that what it hears last is what the row said
/// last, whoever changed it. When a video can be found for the first time, those whom its caption mentions hear
/// of it, and whoever made what it is made of.
class FeedTeller {
 public:
  FeedTeller(social::Videos& videos, feed::Feed& feed, social::Notifications& notifications, social::Credits& credits)
      : videos_(videos), feed_(feed), notifications_(notifications), credits_(credits) {}

  Result<void> tell(const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto video = videos_.by_id(id);
    if (!video && video.error().code != Errc::not_found) return std::unexpected(video.error());
    VT_CHECK(video && video->is_offered() ? feed_.video_live(api::clip_of(*video)) : feed_.video_removed(id));
    return video ? announce(*video) : Result<void>();
  }

 private:
  Result<void> announce(const social::Video& video) {
    const bool is_for_others =
        video.audience == social::Audience::everyone || video.audience == social::Audience::followers;
    if (video.announced || video.state != social::VideoState::live || !is_for_others) return {};
    VT_CHECK(videos_.note_announced(video.id));
    VT_CHECK(tell_original_creator(video));
    return notifications_.tell_mentioned(video.caption, video.creator_id, video.id, "", {});
  }

  Result<void> tell_original_creator(const social::Video& video) {
    VT_TRY(const auto taken, credits_.taken_by(video.id));
    if (!taken || !taken->creator) return {};
    notifications_.tell({notification_of(taken->kind), *taken->creator, video.creator_id, video.id, ""});
    return {};
  }

  social::Videos& videos_;
  feed::Feed& feed_;
  social::Notifications& notifications_;
  social::Credits& credits_;
  std::mutex mutex_;
};

/// What the media room says of a video goes to its row, then to the feed. The other way round the feed could show a
/// video that is not there; this way a crash in between leaves one that reconcile() finds at the next start.
class Announcer final : public media::Publisher {
 public:
  using OnPlayable = std::function<Result<void>(const social::Video&)>;
  /// `on_playable` is told of each video once, when it can be played for the first time, whoever may watch it.
  Announcer(social::Videos& videos, FeedTeller& feed, OnPlayable on_playable)
      : videos_(videos), feed_(feed), on_playable_(std::move(on_playable)) {}

  void progress(const std::string&, const media::Progress&) override {}
  Result<void> publish(const media::Published& published) override {
    VT_TRY(const auto before, videos_.by_id(published.video));
    // What plays is replaced by all of its successor, not by the lowest rung.
    if (before.is_playable() && !published.complete) return {};
    VT_TRY(const auto video, videos_.publish(published.video, media_of(published)));
    VT_CHECK(feed_.tell(video.id));
    return before.is_playable() ? Result<void>() : on_playable_(video);
  }
  Result<void> refuse(const std::string& video, const std::string& code, const std::string& detail) override {
    return videos_.fail(video, {code, detail});
  }

 private:
  social::Videos& videos_;
  FeedTeller& feed_;
  OnPlayable on_playable_;
};

/// From a video's sound to its captions.
class Transcriber final : public media::TranscriptionPort {
 public:
  Transcriber(social::Videos& videos, social::Captions& captions, social::Moderation& moderation)
      : videos_(videos), captions_(captions), moderation_(moderation) {}

  Result<media::Sound> sound_of(const std::string& id) override {
    VT_TRY(const auto video, videos_.by_id(id));
    if (!video.is_playable() || !video.has_audio) return fail(Errc::unprocessable, "This video has no sound");
    return media::Sound{video.sources.front().key, video.duration_ms};
  }
  Result<void> take(const std::string& id, const std::string& language, const std::string& webvtt) override {
    VT_TRY(const auto video, videos_.by_id(id));
    VT_TRY(const auto cues, social::read_captions(webvtt, social::CaptionFormat::webvtt, video.duration_ms));
    VT_CHECK(captions_.put(id, language, cues, social::CaptionOrigin::automatic));
    return moderation_.screen_words({social::TargetKind::video, id});
  }

 private:
  social::Videos& videos_;
  social::Captions& captions_;
  social::Moderation& moderation_;
};

/// Gives the media room what a job takes from another video, if its creator may still have it.
Result<std::string> lend(const social::Videos& videos, const social::Credits& credits, const std::string& taker,
                         const media::Loan& loan) {
  VT_TRY(const auto made, videos.by_id(taker));
  const auto original = videos.by_id(loan.video);
  const auto allowed = original ? credits.check(made.creator_id, *original) : std::unexpected(original.error());
  if (!allowed && allowed.error().code == Errc::not_found)
    return fail(Errc::not_found, "The video you made this with has been removed, or is not open to you any more.");
  if (!allowed && allowed.error().code == Errc::forbidden)
    return fail(Errc::forbidden, "The video you made this with is not free for that any more.");
  VT_CHECK(allowed);
  return original->sources.back().key;  // live videos have at least one
}

/// The two rooms' kinds have the same names.
social::NewCredit credit_for(const std::string& video, const media::Loan& loan) {
  const auto kind = social::credit_kind_of(media::name(loan.kind));
  VT_ASSERT(kind);
  return {.video = video, .kind = *kind, .original = loan.video, .start_ms = loan.start_ms, .end_ms = loan.end_ms};
}

/// Tells the feed of videos that it is to offer, or not any more, since it was not told (a crash between the two).
Result<void> reconcile(social::Videos& videos, feed::Feed& feed, FeedTeller& teller) {
  std::set<std::string> offered;
  for (std::string after;;) {
    VT_TRY(const auto ids, videos.offered_ids(after, reconcile_batch));
    if (ids.empty()) break;
    for (const auto& id : ids) {
      offered.insert(id);
      if (feed.knows(id)) continue;
      VT_CHECK(teller.tell(id));
    }
    after = ids.back();
  }
  for (const auto& id : feed.live_videos()) {
    if (!offered.contains(id)) VT_CHECK(feed.video_removed(id));
  }
  VT_TRY(const auto unannounced, videos.unannounced_ids());
  for (const auto& id : unannounced) VT_CHECK(teller.tell(id));
  return {};
}

Result<void> drop_file(const std::string& path) {
  std::error_code error;
  std::filesystem::remove(path, error);
  return error ? Result<void>(std::unexpected(system_error("removing an upload", error.value()))) : Result<void>();
}

/// Who holds keys elsewhere, by the operator's word.
std::set<std::string> independent_in(const custody::Rules& rules) {
  std::set<std::string> out;
  for (const auto& one : rules.custodians) out.insert(one.name);
  for (const auto& one : rules.witnesses.witnesses()) out.insert(one.name);
  return out;
}

/// Whom push services may turn to: some deliver nothing for a service that names nobody.
std::string contact_of(const Config& config) {
  return config.security_contact.empty() && config.public_url.starts_with("https://") ? config.public_url
                                                                                      : config.security_contact;
}

/// Runs small chores soon, and again after each pause until it is destroyed.
class Housekeeper {
 public:
  Housekeeper(std::chrono::seconds first, std::chrono::seconds pause, std::function<void()> chores)
      : thread_([this, first, pause, chores = std::move(chores)](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          auto next = first;
          while (!wake_.wait_for(lock, stop, next, [&] { return stop.stop_requested(); })) {
            chores();
            next = pause;
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
  std::unique_ptr<PushSender> push_sender;
  std::unique_ptr<social::Push> push;
  std::unique_ptr<social::Notifications> notifications;
  std::unique_ptr<social::Digests> digests;
  std::unique_ptr<social::Collections> collections;
  std::unique_ptr<social::Captions> captions;
  std::unique_ptr<social::Credits> credits;
  std::unique_ptr<social::Playlists> playlists;
  std::unique_ptr<social::Reposts> reposts;
  std::unique_ptr<social::Regions> regions;
  std::unique_ptr<social::MailCodes> mail_codes;
  std::unique_ptr<social::Staff> staff;
  std::unique_ptr<social::Search> search;
  std::unique_ptr<social::Trends> trends;
  std::unique_ptr<social::Moderators> moderators;
  std::unique_ptr<social::Analytics> analytics;
  std::unique_ptr<social::WatchLimits> limits;
  std::unique_ptr<social::Families> families;
  std::unique_ptr<Outside> outside;
  std::unique_ptr<social::Verification> verification;
  std::unique_ptr<feed::Feed> feed;
  std::unique_ptr<FeedTeller> feed_teller;
  std::unique_ptr<social::Moderation> moderation;
  std::unique_ptr<Announcer> announcer;
  std::unique_ptr<media::Queue> queue;
  std::unique_ptr<Transcriber> transcriber;
  std::unique_ptr<media::Transcriptions> transcriptions;
  std::unique_ptr<media::Uploads> uploads;
  std::unique_ptr<Housekeeper> housekeeper, scheduler;
  std::unique_ptr<Keepers> keepers;
  custody::LogPort log;
  std::string log_directory;
  std::set<std::string> independent;
  std::unique_ptr<Chores> chores;
  bool announced = false;        ///< the housekeeper's
  std::set<std::string> untold;  ///< the scheduler's: what has gone live without the feed's having been told
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

  Result<void> open_push(const Config& config) {
    VT_TRY(const auto kept_under, directory.key("push.key"));
    VT_TRY(const auto identity, directory.key("vapid.key"));
    social::PushOptions options{.identity = crypto::P256Key::from_seed(*crypto::hash_from(identity)),
                                .contact = contact_of(config)};
    VT_TRY(options.key, crypto::hash_from(kept_under));
    for (const auto& address : config.push_allow) {
      VT_TRY(const auto port, allowed_port(address));
      options.ports.insert(port);
    }
    push_sender = std::make_unique<PushSender>(
        PushSenderOptions{{config.push_allow.begin(), config.push_allow.end()}, config.push_ca});
    options.send = [this](const social::PushMessage& message) { return push_sender->send(message); };
    options.quiet_now = quiet();
    VT_TRY(push, social::Push::open(*database, clock, std::move(options)));
    notifications->on_written([this] { push->wake(); });
    return {};
  }

  /// Whether somebody is to be left alone just now.
  std::function<bool(std::string_view)> quiet() {
    return [this](std::string_view account) { return limits->is_quiet(account).value_or(false); };
  }

  Result<void> open_digests(const Config& config) {
    VT_TRY(const auto signs_links, directory.key("mail.key"));
    social::DigestOptions options{.public_url = config.public_url, .quiet_now = quiet()};
    VT_TRY(options.key, crypto::hash_from(signs_links));
    if (!config.smtp.empty())
      options.send = [this](const social::Account& account, const social::DigestMail& mail) {
        return front->vault().mail(account.id, custody::Front::class_of(api::person_of(account), "contact"),
                                   "deliver-message", {mail.title, mail.text, mail.unsubscribe});
      };
    VT_TRY(digests, social::Digests::open(*database, clock, *accounts, std::move(options)));
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
    VT_TRY(captions, social::Captions::open(*database, clock));
    VT_TRY(credits, social::Credits::open(*database, *videos, clock));
    VT_TRY(playlists, social::Playlists::open(*database, clock));
    VT_TRY(reposts, social::Reposts::open(*database, clock));
    VT_TRY(regions, social::Regions::open(*database, clock));
    mail_codes = std::make_unique<social::MailCodes>(*database, clock);
    staff = std::make_unique<social::Staff>(*database, clock);
    VT_TRY(search, social::Search::open(*database, clock));
    trends = std::make_unique<social::Trends>(*database, clock);
    moderators = std::make_unique<social::Moderators>(*database, clock);
    VT_TRY(analytics, social::Analytics::open(*database, clock));
    VT_TRY(limits, social::WatchLimits::open(*database, clock));
    VT_TRY(families, social::Families::open(*database, clock));
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
    feed_teller = std::make_unique<FeedTeller>(*videos, *feed, *notifications, *credits);
    VT_CHECK(reconcile(*videos, *feed, *feed_teller));
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
      notifications->tell(social::news(social::NotificationKind::verification, account, ""));
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
    ports.tell = [this](social::NotificationEvent event) { notifications->tell(std::move(event)); };
    VT_TRY(moderation, social::Moderation::open(*database, clock, *accounts, *videos, *comments, std::move(ports)));
    return {};
  }

  void publish_due() {
    const auto published = videos->publish_due();
    if (!published) return log::warning("videos.publish_due", {{"error", published.error().message}});
    untold.insert(published->begin(), published->end());
    std::erase_if(untold, [this](const std::string& id) {
      const auto told = feed_teller->tell(id);
      if (!told) log::warning("videos.tell", {{"error", told.error().message}});
      return told.has_value();
    });
  }

  /// Other media for a video that is there. Nothing is done if it has gone meanwhile, or a moderator has withheld it.
  Result<void> take_over_replacement(const media::FinishedUpload& upload) {
    const auto video = videos->by_id(upload.metadata.replaces);
    if (!video && video.error().code != Errc::not_found) return std::unexpected(video.error());
    if (!video || video->creator_id != upload.account_id || video->is_withheld()) return drop_file(upload.path);
    VT_CHECK(moderation->screen_upload(video->id, upload.sha256));
    VT_TRY(const bool taken, queue->replace({video->id, upload.account_id, upload.path, upload.sha256}));
    return taken ? Result<void>() : drop_file(upload.path);
  }

  /// A finished upload becomes a row, then a job; both do nothing the second time.
  Result<void> take_over(const media::FinishedUpload& upload) {
    if (!upload.metadata.replaces.empty()) return take_over_replacement(upload);
    VT_TRY(auto choices, api::choices_of(upload.metadata));
    auto created = videos->create(
        {upload.id, upload.account_id, upload.metadata.caption, upload.metadata.tags, std::move(choices)});
    // The account was erased while its upload ran.
    if (!created && created.error().code == Errc::conflict) return {};
    VT_CHECK(created);
    const auto& edits = upload.metadata.edits;
    if (edits.loan) VT_CHECK(credits->record(credit_for(upload.id, *edits.loan)));
    VT_CHECK(moderation->screen_upload(upload.id, upload.sha256));
    return queue->enqueue({upload.id, upload.account_id, upload.path, upload.sha256, edits});
  }

  [[nodiscard]] Announcer::OnPlayable transcribe_new(const Config& config) {
    return [this, wanted = config.transcribe_uploads,
            language = config.transcribe_language](const social::Video& video) -> Result<void> {
      if (!wanted || !video.has_audio) return {};
      // Of somebody with very many new videos the last ones have to be asked for.
      const auto asked = transcriptions->ask(video.id, video.creator_id, language);
      return asked || asked.error().code == Errc::too_many_requests ? Result<void>() : asked;
    };
  }

  Result<void> open_media(const Config& config) {
    transcriber = std::make_unique<Transcriber>(*videos, *captions, *moderation);
    VT_TRY(transcriptions, media::Transcriptions::open(
                               *database, *blobs, clock, *transcriber,
                               {.engine = config.transcriber, .work_directory = directory.file("transcriptions")}));
    announcer = std::make_unique<Announcer>(*videos, *feed_teller, transcribe_new(config));
    VT_TRY(queue, media::Queue::open(*database, *blobs, clock, *announcer,
                                     {.work_directory = directory.file("work"),
                                      .workers = static_cast<int>(config.transcode_jobs_max),
                                      .keep_originals = config.keep_originals,
                                      .lend = [this](const std::string& taker, const media::Loan& loan) {
                                        return lend(*videos, *credits, taker, loan);
                                      }}));
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
  impl_->scheduler.reset();
  impl_->housekeeper.reset();
  if (impl_->queue) impl_->queue->stop();
}

api::Rooms& House::rooms() { return *impl_->rooms; }

Result<std::unique_ptr<House>> House::open(const Config& config) {
  VT_TRY(auto directory, DataDirectory::open(config.data));
  auto impl = std::make_unique<Impl>(std::move(directory));
  VT_TRY(auto official, official_devices(config));
  VT_CHECK(impl->open_stores(config));
  VT_CHECK(impl->open_custody(config));
  VT_CHECK(impl->open_social());
  VT_CHECK(impl->open_push(config));
  VT_CHECK(impl->open_digests(config));
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
      .push = *impl->push,
      .digests = *impl->digests,
      .collections = *impl->collections,
      .captions = *impl->captions,
      .credits = *impl->credits,
      .playlists = *impl->playlists,
      .reposts = *impl->reposts,
      .regions = *impl->regions,
      .uploads = *impl->uploads,
      .queue = *impl->queue,
      .transcriptions = *impl->transcriptions,
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
      .limits = *impl->limits,
      .families = *impl->families,
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
      .log_directory = impl->log_directory,
      .official = std::move(official)});
  VT_CHECK(api::finish_erasures(*impl->rooms));
  impl->housekeeper = std::make_unique<Housekeeper>(housekeeping_first, housekeeping_pause,
                                                    [house = impl.get()] { house->keep_house(); });
  impl->scheduler =
      std::make_unique<Housekeeper>(schedule_pause, schedule_pause, [house = impl.get()] { house->publish_due(); });
  return std::unique_ptr<House>(new House(std::move(impl)));
}

Result<std::unique_ptr<store::Database>> open_configured_database(const Config& config,
                                                                  const DataDirectory& directory) {
  return store::open_database(config.database.empty() ? directory.file("vitrine.db") : config.database);
}

}  // namespace vitrine::app
