// The HTTP resources, one file a resource: parse, call a room, render. No rules live here.
//
// Start at routes() in api.cpp. Each add_… function below lives in the file of its name and adds the routes of
// one resource; openapi.json describes them all and a test holds the two together.
#pragma once
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "api/official.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/server.hpp"

namespace vitrine {
namespace store {
class Database;
class Blobs;
class Stream;
}  // namespace store
namespace social {
class Accounts;
class Passkeys;
class Videos;
class Follows;
class MailCodes;
class People;
class Comments;
class Notifications;
class Push;
class Digests;
class Collections;
class Captions;
class Credits;
class Playlists;
class Reposts;
class Regions;
class Staff;
class Search;
class Trends;
class Moderators;
class Moderation;
class Analytics;
class WatchLimits;
class Families;
class Verification;
}  // namespace social
namespace custody {
class Front;
class Demands;
class PublicRegister;
}  // namespace custody
namespace media {
class Uploads;
class Queue;
class Transcriptions;
}  // namespace media
namespace feed {
class Feed;
}  // namespace feed

namespace api {

class Idempotency;

/// What the resources call. Everything outlives the server; all of it is thread-safe.
struct Rooms {
  const Clock& clock;
  store::Database& database;
  store::Blobs& blobs;
  social::Accounts& accounts;
  social::Passkeys& passkeys;
  social::Videos& videos;
  social::Follows& follows;
  social::People& people;
  social::Comments& comments;
  social::Notifications& notifications;
  social::Push& push;
  social::Digests& digests;
  social::Collections& collections;
  social::Captions& captions;
  social::Credits& credits;
  social::Playlists& playlists;
  social::Reposts& reposts;
  social::Regions& regions;
  media::Uploads& uploads;
  media::Queue& queue;
  media::Transcriptions& transcriptions;
  feed::Feed& feed;
  custody::Front& custody;
  custody::PublicRegister& public_register;
  custody::Demands& demands;
  social::MailCodes& mail_codes;
  social::Staff& staff;
  social::Search& search;
  social::Trends& trends;
  social::Moderators& moderators;
  social::Moderation& moderation;
  social::Analytics& analytics;
  social::WatchLimits& limits;
  social::Families& families;
  social::Verification& verification;
  Idempotency& idempotency;
  /// "up", or why nothing sealed can be opened just now.
  std::function<std::string()> custody_state;
  /// Has the feed offer a video or not, as its row says now, and those be told whom its caption mentions, the first
  /// time.
  std::function<Result<void>(const std::string& video)> tell_feed;
  /// Runs something soon, on a thread of its own; what fails is logged. Dropped when too much waits.
  std::function<void(std::function<Result<void>()>)> chores;
  bool sends_mail = false;
  std::string work_directory;    ///< for files that live as long as an answer
  std::string public_url;        ///< "https://clips.example.org", or empty: taken from the Host header
  std::string security_contact;  ///< a "mailto:" or "https:" address for security.txt

  std::set<std::string> independent;  ///< witnesses and custodians that others run, by their names in the rules
  std::string log_directory;          ///< of the public log's tiles

  OfficialDevices official;  ///< whom the service declines
};

inline constexpr std::size_t videos_page_items = 24;

/// A resource's function as a handler: an error becomes its problem document.
[[nodiscard]] http::Handler answer(Rooms& rooms, Result<http::Response> (*resource)(Rooms&, const http::Request&));

/// All routes, the guard (CSRF, rate limits) and the security headers.
[[nodiscard]] http::Router make_router(Rooms& rooms);

void add_accounts(http::Router& router, Rooms& rooms);  ///< accounts, sessions
void add_passkeys(http::Router& router, Rooms& rooms);
void add_profiles(http::Router& router, Rooms& rooms);  ///< public profiles, follows
void add_videos(http::Router& router, Rooms& rooms);    ///< one video, its likes, its progress
void add_people(http::Router& router, Rooms& rooms);    ///< blocks, mutes
void add_comments(http::Router& router, Rooms& rooms);
void add_notifications(http::Router& router, Rooms& rooms);
void add_push(http::Router& router, Rooms& rooms);  ///< the browsers they reach
void add_collections(http::Router& router, Rooms& rooms);
void add_captions(http::Router& router, Rooms& rooms);
void add_credits(http::Router& router, Rooms& rooms);  ///< duets, stitches, sounds
void add_playlists(http::Router& router, Rooms& rooms);
void add_reposts(http::Router& router, Rooms& rooms);
void add_oembed(http::Router& router, Rooms& rooms);   ///< what other sites need to show a video
void add_uploads(http::Router& router, Rooms& rooms);  ///< tus
void add_feed(http::Router& router, Rooms& rooms);
void add_verification(http::Router& router, Rooms& rooms);
void add_email(http::Router& router, Rooms& rooms);        ///< an account's address, and recovery by it
void add_my_data(http::Router& router, Rooms& rooms);      ///< what is held about whoever asks
void add_staff(http::Router& router, Rooms& rooms);        ///< cases, requests, signatures, openings
void add_reports(http::Router& router, Rooms& rooms);      ///< what people report, and what was decided about them
void add_moderation(http::Router& router, Rooms& rooms);   ///< the queue, decisions, appeals, automatic rules
void add_limits(http::Router& router, Rooms& rooms);       ///< time watched in a day, quiet hours
void add_families(http::Router& router, Rooms& rooms);     ///< guardians and wards
void add_preferences(http::Router& router, Rooms& rooms);  ///< what a viewer chose, forgetting, topics
void add_search(http::Router& router, Rooms& rooms);       ///< search, suggestions, a tag's page, trends
void add_analytics(http::Router& router, Rooms& rooms);    ///< creators' figures
void add_events(http::Router& router, Rooms& rooms);
void add_media(http::Router& router, Rooms& rooms);     ///< /media/…
void add_glass(http::Router& router, Rooms& rooms);     ///< what anybody may see of custody; the public log
void add_official(http::Router& router, Rooms& rooms);  ///< whom the service declines, before everything else
void add_demands(http::Router& router, Rooms& rooms);   ///< authorities' demands, for staff
void add_pages(http::Router& router, Rooms& rooms);     ///< the web app's shell and assets
void add_service(http::Router& router, Rooms& rooms);   ///< health, readiness, openapi.json, security.txt

}  // namespace api
}  // namespace vitrine
