// Who may see, do or say what to whom. The only place where it is decided: comments, profiles, videos, notifications
// and the feed's pages ask here.
//
// A video has an audience: everybody ("public"), its creator's followers, whoever has its id ("link"), or nobody but
// its creator ("only_me"). may_watch() says who may watch it, read and write below it, like it, save it, be told of it
// and fetch its files; may_find() who is shown it without having asked for it by its id. Both have a twin in SQL, and a
// test that holds them together.
//
// Two people are looked at as an owner of something and somebody who comes to it. A block hides both from each other; a
// mute hides the muted from who muted only. Minors hear from strangers in no way: a stranger to a minor is whoever the
// minor does not follow. Nobody is told who has seen or read what, minor or not.
#pragma once
#include <array>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "social/age.hpp"
#include "store/database.hpp"

namespace vitrine::social {

enum class Who { everyone, followers, nobody };  ///< each stricter than the one before
inline constexpr std::array all_who{Who::everyone, Who::followers, Who::nobody};
[[nodiscard]] std::string_view name(Who who);
/// Of a name that is not one: nobody.
[[nodiscard]] Who who_of(std::string_view name);

enum class Audience { everyone, followers, link, only_me };
inline constexpr std::array audiences{Audience::everyone, Audience::followers, Audience::link, Audience::only_me};
/// "public", "followers", "link", "only_me".
[[nodiscard]] std::string_view name(Audience audience);

/// How `other` stands to `owner`. Somebody without an account stands to everybody as the default says.
struct Relation {
  bool self = false;
  bool follows = false;        ///< other follows owner
  bool followed_back = false;  ///< owner follows other
  bool blocked = false;        ///< one has blocked the other
  bool muted = false;          ///< owner does not want to hear of other
  AgeBand owner_band = AgeBand::adult;
  Who comments_max = Who::everyone, mentions_max = Who::everyone;  ///< as a guardian of the owner's has set
};

/// What decides of a video besides who comes.
struct Exposure {
  Audience audience = Audience::everyone;
  bool live = false;  ///< not in the making, a draft, scheduled, failed, or withheld by moderation
};

/// A video of the owner's. Moderators may besides watch what they have in hand (moderation.hpp).
[[nodiscard]] bool may_watch(const Relation& relation, const Exposure& video);
/// Be shown it in a list: profile, playlist.
[[nodiscard]] bool may_find(const Relation& relation, const Exposure& video);
/// Make a duet or stitch of it, or use its sound. What not everybody may watch is for its creator alone to use.
[[nodiscard]] bool may_duet(const Relation& relation, const Exposure& video, Who who);

/// Things of the owner's: profile, comments. Following needs no more than seeing. For videos see may_watch(). and
/// following need no more than seeing.
[[nodiscard]] bool may_see(const Relation& relation);
/// On the owner's videos, of which the owner said who may.
[[nodiscard]] bool may_comment(const Relation& relation, Who who);
/// Name the owner so that it is a link and they hear of it.
[[nodiscard]] bool may_mention(const Relation& relation);
/// Have the owner told of what they did with the owner's things.
[[nodiscard]] bool may_notify(const Relation& relation);
/// Have the owner told of words meant for them: comment, reply, mention.
[[nodiscard]] bool may_address(const Relation& relation);
/// Who may comment, as long as somebody has not said so.
[[nodiscard]] Who default_who(AgeBand band);
/// Who may watch a new video, as long as its creator does not say so.
[[nodiscard]] Audience default_audience(AgeBand band);
/// Who may make duets, as long as the video does not say so.
[[nodiscard]] Who default_duet(AgeBand band);

/// Errors: not_found (the owner). An empty `other` is somebody without an account.
[[nodiscard]] Result<Relation> relation_of(store::Session& session, std::string_view owner_id,
                                           std::string_view other_id);
[[nodiscard]] Result<Relation> relation_of(store::Database& database, std::string_view owner_id,
                                           std::string_view other_id);

/// How `other` stands to each of `owners`, by their ids; who has left is not in it.
[[nodiscard]] Result<std::map<std::string, Relation>> relations_of(store::Database& database,
                                                                   std::span<const std::string> owners,
                                                                   std::string_view other);

/// Which of these people the viewer may not see.
[[nodiscard]] Result<std::set<std::string>> hidden_among(store::Database& database, std::string_view viewer_id,
                                                         std::span<const std::string> ids);

/// The twins of may_watch() and may_find() as SQL conditions, for a row of the table videos called `video` ("v") and
/// the viewer in parameter `viewer` ("$1"; an empty text: nobody).
[[nodiscard]] std::string sql_may_watch(std::string_view video, std::string_view viewer);
[[nodiscard]] std::string sql_may_find(std::string_view video, std::string_view viewer);
/// What everybody may find, blocks aside: feed, search, tags and trends hold nothing else.
[[nodiscard]] std::string sql_listed(std::string_view video);

/// An SQL condition: neither a block nor the viewer's mute stands between the person in column `author` and the viewer
/// in parameter `viewer` ("$1"; an empty text: nobody).
[[nodiscard]] std::string sql_heard(std::string_view author, std::string_view viewer);
/// The same without mutes.
[[nodiscard]] std::string sql_seen(std::string_view author, std::string_view viewer);

}  // namespace vitrine::social
