// Who may see, do or say what to whom. The only place where it is decided: comments, profiles, videos, notifications
// and the feed's pages ask here.
//
// Two people are looked at as an owner of something and somebody who comes to it. A block hides both from each other; a
// mute hides the muted from who muted only. Minors hear from strangers in no way: a stranger to a minor is whoever the
// minor does not follow. Nobody is told who has seen or read what, minor or not.
#pragma once
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "social/age.hpp"
#include "store/database.hpp"

namespace vitrine::social {

enum class Who { everyone, followers, nobody };  ///< each stricter than the one before
[[nodiscard]] std::string_view name(Who who);
/// Of a name that is not one: nobody.
[[nodiscard]] Who who_of(std::string_view name);

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

/// Things of the owner's: profile, videos, comments. Liking and following need no more than seeing.
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

/// Errors: not_found (the owner). An empty `other` is somebody without an account.
[[nodiscard]] Result<Relation> relation_of(store::Session& session, std::string_view owner_id,
                                           std::string_view other_id);
[[nodiscard]] Result<Relation> relation_of(store::Database& database, std::string_view owner_id,
                                           std::string_view other_id);

/// Which of these people the viewer may not see.
[[nodiscard]] Result<std::set<std::string>> hidden_among(store::Database& database, std::string_view viewer_id,
                                                         std::span<const std::string> ids);

/// An SQL condition: neither a block nor the viewer's mute stands between the person in column `author` and the viewer
/// in parameter `viewer` ("$1"; an empty text: nobody).
[[nodiscard]] std::string sql_heard(std::string_view author, std::string_view viewer);
/// The same without mutes.
[[nodiscard]] std::string sql_seen(std::string_view author, std::string_view viewer);

}  // namespace vitrine::social
