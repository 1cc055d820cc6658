#include "api/erase.hpp"

#include "api/personal.hpp"
#include "feed/feed.hpp"
#include "media/queue.hpp"
#include "media/transcriptions.hpp"
#include "media/uploads.hpp"
#include "social/accounts.hpp"
#include "social/videos.hpp"

namespace vitrine::api {

Result<void> erase_video(Rooms& rooms, std::string_view id) {
  VT_CHECK(rooms.queue.begin_forgetting(std::string(id)));
  VT_CHECK(rooms.feed.video_removed(id));
  VT_CHECK(rooms.videos.remove(id));
  VT_CHECK(rooms.transcriptions.forget(std::string(id)));
  return rooms.queue.forget(std::string(id));
}

Result<void> finish_erasures(Rooms& rooms) {
  VT_TRY(const auto videos, rooms.queue.still_forgetting());
  for (const auto& video : videos) VT_CHECK(erase_video(rooms, video));
  return {};
}

Result<void> erase_account(Rooms& rooms, const social::Account& account, const custody::Personal& personal) {
  const auto& account_id = account.id;
  VT_CHECK(rooms.uploads.erase_account(account_id));
  VT_TRY(const auto videos, rooms.videos.ids_of_creator(account_id));
  for (const auto& video : videos) VT_CHECK(erase_video(rooms, video));
  VT_CHECK(rooms.feed.forget(personal.viewer));
  return rooms.accounts.erase(
      account_id, [&](store::Session& session) { return rooms.custody.erase(session, person_of(account), ""); });
}

}  // namespace vitrine::api
