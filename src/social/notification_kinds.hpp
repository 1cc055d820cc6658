// Every kind of notification there is. A further one is a name in the enum and a row in the table: API, settings, push
// messages and mail know it from there. (The web app's own table is web/src/notifications/kinds.ts.)
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace vitrine::social {

enum class NotificationKind {
  follow,
  like,
  comment,
  reply,
  mention,
  comment_like,
  duet,
  stitch,
  sound,
  repost,
  decision,
  appeal,
  report,
  family_change,
  family_end,
  verification
};

/// How long after a push message about something the next one about the same waits: words are worth more than hearts.
inline constexpr TimeMs push_words_again_ms = 60 * 1000, push_hearts_again_ms = 60 * 60 * 1000;

struct KindOfNotification {
  NotificationKind kind;
  std::string_view name;           ///< in the API and in the database
  std::string_view sentence;       ///< "{}": who did it, if anybody
  std::string_view sentence_many;  ///< the same of several people, or matters; empty: no other words
  bool has_words = false;          ///< somebody's, meant for the recipient: minors get them from no stranger
  bool about_comment = false;      ///< people gather under the comment; else under the video, if there is one
  bool pushed = true;              ///< to devices, until the person says otherwise
  TimeMs push_again_ms = push_words_again_ms;
  bool owed = false;           ///< nobody can choose not to hear of it, nor does a block keep it away
  bool gathers_all = false;    ///< one notification of whatever it is about, while that is unread
  std::string_view page = "";  ///< where it leads; empty: to its comment, its video, or whoever did it
};

constexpr KindOfNotification owed_notification(NotificationKind kind, std::string_view name, std::string_view sentence,
                                               std::string_view page) {
  return {.kind = kind, .name = name, .sentence = sentence, .sentence_many = "", .owed = true, .page = page};
}

inline constexpr std::array notification_table{
    KindOfNotification{NotificationKind::follow, "follow", "{} follows you", "{} follow you"},
    KindOfNotification{.kind = NotificationKind::like,
                       .name = "like",
                       .sentence = "{} liked your video",
                       .sentence_many = "",
                       .pushed = false,
                       .push_again_ms = push_hearts_again_ms},
    KindOfNotification{NotificationKind::comment, "comment", "{} commented on your video", "", true},
    KindOfNotification{NotificationKind::reply, "reply", "{} replied to you", "", true},
    KindOfNotification{NotificationKind::mention, "mention", "{} mentioned you", "", true},
    KindOfNotification{.kind = NotificationKind::comment_like,
                       .name = "comment_like",
                       .sentence = "{} liked your comment",
                       .sentence_many = "",
                       .about_comment = true,
                       .pushed = false,
                       .push_again_ms = push_hearts_again_ms},
    KindOfNotification{NotificationKind::duet, "duet", "{} made a duet with your video", ""},
    KindOfNotification{NotificationKind::stitch, "stitch", "{} stitched your video", ""},
    KindOfNotification{NotificationKind::sound, "sound", "{} used your sound", ""},
    KindOfNotification{.kind = NotificationKind::repost,
                       .name = "repost",
                       .sentence = "{} reposted your video",
                       .sentence_many = "",
                       .pushed = false,
                       .push_again_ms = push_hearts_again_ms},
    owed_notification(NotificationKind::decision, "decision",
                      "Something was decided about what you posted or your account", "/decisions"),
    owed_notification(NotificationKind::appeal, "appeal", "Your appeal is decided", "/decisions"),
    KindOfNotification{.kind = NotificationKind::report,
                       .name = "report",
                       .sentence = "There is news of what you reported",
                       .sentence_many = "There is news of several of your reports",
                       .owed = true,
                       .gathers_all = true,
                       .page = "/reports"},
    owed_notification(NotificationKind::family_change, "family_change", "{} changed what is set for you", "/family"),
    owed_notification(NotificationKind::family_end, "family_end", "{} ended your pairing", "/family"),
    owed_notification(NotificationKind::verification, "verification", "Something has changed about your verification",
                      "/settings#verification"),
};

/// Each row stands at its kind's number, so that looking one up is no search.
static_assert([] {
  for (std::size_t i = 0; i < notification_table.size(); ++i)
    if (static_cast<std::size_t>(notification_table[i].kind) != i) return false;
  return true;
}());

[[nodiscard]] constexpr const KindOfNotification& row_of(NotificationKind kind) {
  return notification_table[static_cast<std::size_t>(kind)];
}
[[nodiscard]] constexpr std::string_view name(NotificationKind kind) { return row_of(kind).name; }

/// Those that somebody may do without.
inline constexpr auto notification_kinds = [] {
  constexpr auto count = std::ranges::count(notification_table, false, &KindOfNotification::owed);
  std::array<NotificationKind, static_cast<std::size_t>(count)> out{};
  auto next = out.begin();
  for (const auto& row : notification_table)
    if (!row.owed) *next++ = row.kind;
  return out;
}();

/// The kinds that somebody does not want.
using Unwanted = std::set<NotificationKind>;
/// As they are kept: names with a space between. Reading takes what it does not know for nothing.
[[nodiscard]] std::string write_kinds(const Unwanted& kinds);
[[nodiscard]] Unwanted read_kinds(std::string_view text);

}  // namespace vitrine::social
