#include "api/export.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include "api/caller.hpp"
#include "api/family.hpp"
#include "api/moderation.hpp"
#include "api/personal.hpp"
#include "api/render.hpp"
#include "api/social_json.hpp"
#include "base/files.hpp"
#include "custody/vault_port.hpp"
#include "feed/feed.hpp"
#include "social/collections.hpp"
#include "social/follows.hpp"
#include "social/people.hpp"
#include "social/playlists.hpp"
#include "social/reposts.hpp"
#include "social/videos.hpp"
#include "store/blobs.hpp"

namespace vitrine::api {
namespace {

constexpr std::size_t copy_bytes = 1 << 16;
constexpr std::string_view read_me =
    "What this service holds about you, as of the time in account.json. Every .json file is one JSON document.\n\n"
    "account.json   your profile, and how many of each thing there are\n"
    "sealed.json    what is kept sealed: opened for you just now, which left a receipt\n"
    "receipts.json  every opening and refusal about you that the vault knows of; the public log must say the same\n"
    "feed.json      what you chose for your feed\n"
    "follows.json   whom you follow\n"
    "likes.json     videos you like, by id\n"
    "reposts.json   videos you repost, by id\n"
    "comments.json  what you wrote, in any state, and the comments you like, by id\n"
    "people.json    whom you blocked and whom you muted\n"
    "moderation.json    what you reported, and what was decided about you\n"
    "family.json    your limits, the minutes that were counted, whom you are paired with and what guardians set\n"
    "verification.json  what you asked to be verified as, the decision, and your domain\n"
    "choices.json   who may comment on your videos, and what you are told of\n"
    "devices.json   the browsers that are told of notifications\n"
    "collections.json   the videos you saved, by id\n"
    "playlists.json your playlists, with their videos by id\n"
    "videos/        each of your videos, drafts and scheduled ones too: what is written about it, its best rendition, "
    "its poster, its captions\n\n"
    "The format is described in docs/formats/export.md of the source.\n";

/// A ZIP file that grows in a file without a name. Not thread-safe.
class Archive {
 public:
  explicit Archive(int file) : archive_(archive_write_new()) {
    archive_write_set_format_zip(archive_);
    // Videos do not get smaller, and JSON is little.
    archive_write_set_options(archive_, "zip:compression=store");
    archive_write_open_fd(archive_, file);
  }
  ~Archive() { archive_write_free(archive_); }
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  Result<void> add(const std::string& name, std::string_view bytes) {
    VT_CHECK(begin(name, static_cast<std::int64_t>(bytes.size())));
    return write(bytes);
  }
  Result<void> add(const std::string& name, const json::value& value) {
    return add(name, json::serialize(value) + "\n");
  }

  Result<void> add_file(const std::string& name, const store::BlobFile& file) {
    VT_CHECK(begin(name, file.size()));
    std::string piece(copy_bytes, '\0');
    for (std::int64_t at = 0; at < file.size();) {
      const ssize_t got = ::pread(file.descriptor(), piece.data(), piece.size(), at);
      if (got <= 0) return std::unexpected(system_error("reading a video for the archive", errno));
      VT_CHECK(write({piece.data(), static_cast<std::size_t>(got)}));
      at += got;
    }
    return {};
  }

  Result<void> finish() { return checked(archive_write_close(archive_)); }

 private:
  Result<void> begin(const std::string& name, std::int64_t size) {
    constexpr auto readable = 0644;
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_size(entry.get(), size);
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), readable);
    return checked(archive_write_header(archive_, entry.get()));
  }
  Result<void> write(std::string_view bytes) {
    const auto written = archive_write_data(archive_, bytes.data(), bytes.size());
    return std::cmp_equal(written, bytes.size()) ? Result<void>() : checked(ARCHIVE_FATAL);
  }
  Result<void> checked(int status) {
    if (status == ARCHIVE_OK) return {};
    if (archive_errno(archive_) == ENOSPC) return std::unexpected(system_error("writing the archive", ENOSPC));
    const char* why = archive_error_string(archive_);
    return fail(Errc::internal, "the archive cannot be written: {}", why ? why : "no reason given");
  }

  archive* archive_;
};

json::array texts(const std::vector<std::string>& list) {
  json::array out;
  for (const auto& one : list) out.emplace_back(one);
  return out;
}

Result<json::object> opened_fields(Rooms& rooms, std::string_view subject) {
  VT_TRY(const auto records, rooms.custody.vault().records_of(subject));
  std::set<std::string> classes;
  for (const auto& record : records) classes.insert(record.data_class);
  json::object out;
  for (const auto& data_class : classes) {
    VT_TRY(const auto fields, rooms.custody.vault().read_own(subject, data_class));
    out[data_class] = texts(fields);
  }
  return out;
}

Result<void> add_captions(Archive& archive, Rooms& rooms, const std::vector<social::CaptionTrack>& tracks) {
  for (const auto& track : tracks) {
    VT_TRY(const auto text, rooms.captions.webvtt(track.video, track.language));
    VT_CHECK(archive.add(fmt::format("videos/{}.{}.vtt", track.video, track.language), text));
  }
  return {};
}

Result<void> add_video(Archive& archive, Rooms& rooms, const social::Video& video) {
  VT_TRY(const auto tracks, rooms.captions.of_video(video.id));
  VT_TRY(auto attributions, rooms.credits.of(video.creator_id, {&video, 1}));
  VT_CHECK(archive.add(
      fmt::format("videos/{}.json", video.id),
      video_json(video, {.own = true, .captions = tracks, .attribution = std::move(attributions[video.id])})));
  VT_CHECK(add_captions(archive, rooms, tracks));
  if (!video.sources.empty()) {
    VT_TRY(const auto file, rooms.blobs.open(video.sources.back().key));
    VT_CHECK(archive.add_file(fmt::format("videos/{}.mp4", video.id), *file));
  }
  if (!video.poster_key.empty()) {
    VT_TRY(const auto poster, rooms.blobs.open(video.poster_key));
    const auto ending = video.poster_key.substr(video.poster_key.rfind('.'));
    VT_CHECK(archive.add_file(fmt::format("videos/{}{}", video.id, ending), *poster));
  }
  return {};
}

Result<void> add_videos(Archive& archive, Rooms& rooms, std::string_view account_id) {
  std::string cursor;
  do {
    VT_TRY(const auto page, rooms.videos.own(account_id, std::nullopt, cursor, videos_page_items));
    for (const auto& video : page.items) VT_CHECK(add_video(archive, rooms, video));
    cursor = page.next.value_or("");
  } while (!cursor.empty());
  return {};
}

Result<json::array> follows_json(Rooms& rooms, std::string_view account_id) {
  VT_TRY(const auto ids, rooms.follows.followed_by(account_id));
  json::array out;
  for (const auto& id : ids)
    if (const auto creator = rooms.accounts.by_id(id)) out.push_back({{"id", id}, {"handle", creator->handle}});
  return out;
}

/// What all pages of a list give; `page_at` fetches the one behind a cursor, `add` takes what is on it.
template <class PageAt, class Add>
Result<void> for_each_page(PageAt page_at, Add add) {
  std::string cursor;
  do {
    VT_TRY(const auto page, page_at(cursor));
    add(page);
    cursor = page.next.value_or("");
  } while (!cursor.empty());
  return {};
}

Result<json::object> comments_json(Rooms& rooms, std::string_view account_id) {
  json::array written;
  VT_CHECK(for_each_page([&](const std::string& cursor) { return rooms.comments.written_by(account_id, cursor); },
                         [&](const social::CommentPage& page) {
                           for (const auto& comment : page.items) written.push_back(comment_json(comment));
                         }));
  VT_TRY(const auto liked, rooms.comments.liked_by(account_id));
  return json::object{{"written", std::move(written)}, {"liked", texts(liked)}};
}

Result<json::object> people_json(Rooms& rooms, std::string_view account_id) {
  json::array blocked, muted;
  const auto add_to = [](json::array& list) {
    return [&list](const social::PersonPage& page) {
      for (const auto& person : page.items) list.push_back(person_json(person));
    };
  };
  VT_CHECK(for_each_page([&](const std::string& cursor) { return rooms.people.blocked_by(account_id, cursor); },
                         add_to(blocked)));
  VT_CHECK(for_each_page([&](const std::string& cursor) { return rooms.people.muted_by(account_id, cursor); },
                         add_to(muted)));
  return json::object{{"blocked", std::move(blocked)}, {"muted", std::move(muted)}};
}

Result<json::array> collections_json(Rooms& rooms, std::string_view account_id) {
  VT_TRY(const auto collections, rooms.collections.of_account(account_id));
  json::array out;
  for (const auto& collection : collections) {
    json::array videos;
    VT_CHECK(for_each_page(
        [&](const std::string& cursor) { return rooms.collections.page(account_id, collection.id, cursor); },
        [&](const social::CollectedPage& page) {
          for (const auto& id : page.videos) videos.emplace_back(id);
        }));
    out.push_back({{"name", collection.name}, {"created_at", collection.created_at}, {"videos", std::move(videos)}});
  }
  return out;
}

Result<json::array> playlists_json(Rooms& rooms, std::string_view account_id) {
  VT_TRY(const auto playlists, rooms.playlists.of_account(account_id, account_id));
  json::array out;
  for (const auto& playlist : playlists) {
    VT_TRY(const auto videos, rooms.playlists.videos_of(account_id, playlist.id));
    out.push_back({{"title", playlist.title}, {"created_at", playlist.created_at}, {"videos", texts(videos)}});
  }
  return out;
}

Result<void> add_social(Archive& archive, Rooms& rooms, std::string_view account_id) {
  VT_TRY(const auto comments, comments_json(rooms, account_id));
  VT_CHECK(archive.add("comments.json", comments));
  VT_TRY(const auto people, people_json(rooms, account_id));
  VT_CHECK(archive.add("people.json", people));
  VT_TRY(const auto moderation, moderation_of_json(rooms, account_id));
  VT_CHECK(archive.add("moderation.json", moderation));
  VT_TRY(const auto family, everything_of_family_json(rooms, account_id));
  VT_CHECK(archive.add("family.json", family));
  VT_TRY(const auto verification, verification_of_json(rooms, account_id));
  VT_CHECK(archive.add("verification.json", verification));
  VT_TRY(const auto collections, collections_json(rooms, account_id));
  VT_CHECK(archive.add("collections.json", collections));
  VT_TRY(const auto playlists, playlists_json(rooms, account_id));
  VT_CHECK(archive.add("playlists.json", playlists));
  VT_TRY(const auto rules, rooms.comments.rules(account_id));
  VT_TRY(const auto notifications, notification_settings_json(rooms, account_id));
  VT_CHECK(
      archive.add("choices.json", json::object{{"comments", rules_json(rules)}, {"notifications", notifications}}));
  VT_TRY(const auto devices, push_subscriptions_json(rooms, account_id));
  return archive.add("devices.json", devices);
}

json::object feed_json(Rooms& rooms, const std::string& viewer) {
  const auto chosen = rooms.feed.preferences(viewer);
  return {{"personalised", chosen.personalised},
          {"topics", texts(chosen.topics)},
          {"muted_tags", texts(chosen.muted_tags)},
          {"muted_creators", texts(chosen.muted_creators)}};
}

Result<void> fill(Archive& archive, Rooms& rooms, const social::Account& account, const custody::Personal& personal) {
  VT_CHECK(archive.add("README.txt", read_me));
  auto profile = account_json(rooms, account);
  profile["exported_at_ms"] = rooms.clock.now();
  VT_CHECK(archive.add("account.json", profile));
  VT_TRY(const auto sealed, opened_fields(rooms, account.id));
  VT_CHECK(archive.add("sealed.json", sealed));
  VT_TRY(const auto receipts, receipts_json(rooms, account.id));
  VT_CHECK(archive.add("receipts.json", receipts));
  VT_CHECK(archive.add("feed.json", feed_json(rooms, personal.viewer)));
  VT_TRY(const auto follows, follows_json(rooms, account.id));
  VT_CHECK(archive.add("follows.json", follows));
  VT_TRY(const auto likes, rooms.videos.liked_by(account.id));
  VT_CHECK(archive.add("likes.json", texts(likes)));
  VT_TRY(const auto reposts, rooms.reposts.of_account(account.id));
  VT_CHECK(archive.add("reposts.json", texts(reposts)));
  VT_CHECK(add_social(archive, rooms, account.id));
  VT_CHECK(add_videos(archive, rooms, account.id));
  return archive.finish();
}

}  // namespace

Result<http::Response> export_everything(Rooms& rooms, const http::Request& request) {
  VT_TRY(auto caller, signed_in_or_suspended(rooms, request));
  VT_TRY(const auto personal, personal_of(rooms, caller));
  VT_CHECK(rooms.custody.settle(person_of(*caller.account)));
  // It has no name, so nothing of it is left when the answer has been sent, or a crash comes between.
  auto file = std::make_shared<Descriptor>(
      ::open(rooms.work_directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file->get() < 0) return std::unexpected(system_error("making room for the archive", errno));
  {
    Archive archive(file->get());
    VT_CHECK(fill(archive, rooms, *caller.account, personal));
  }
  const auto size = ::lseek(file->get(), 0, SEEK_END);
  http::Response response;
  response.headers.set("Content-Type", "application/zip");
  response.headers.set("Content-Disposition",
                       fmt::format("attachment; filename=\"vitrine-{}.zip\"", caller.account->handle));
  response.headers.set("Cache-Control", "private, no-store");
  response.body = http::FileBody{file->get(), size, file};
  return response;
}

}  // namespace vitrine::api
