#include "api/video_choices.hpp"

#include "api/render.hpp"

namespace vitrine::api {
namespace {

/// The one of `all` that is called so; an empty name is nothing said.
template <class T, std::size_t N>
Result<std::optional<T>> choice(const std::array<T, N>& all, std::string_view name, std::string_view what) {
  if (name.empty()) return std::nullopt;
  VT_TRY(const auto chosen, social::one_of(all, name, what));
  return std::optional(chosen);
}

template <class T, std::size_t N>
Result<std::optional<T>> choice_member(const json::object& body, std::string_view key, const std::array<T, N>& all) {
  VT_TRY(const auto name, optional_text_member(body, key));
  if (!name) return std::nullopt;
  VT_TRY(const auto chosen, social::one_of(all, *name, key));
  return std::optional(chosen);
}

// Unlike elsewhere null says something in these two: that there is to be none.

Result<std::optional<std::optional<TimeMs>>> publish_at_member(const json::object& body) {
  constexpr std::string_view key = "publish_at";
  const auto* value = body.if_contains(key);
  if (!value) return std::nullopt;
  std::optional<TimeMs> time;
  if (!value->is_null()) {
    VT_TRY(time, int_member(body, key));
  }
  return std::optional<std::optional<TimeMs>>(std::in_place, time);
}

Result<std::optional<std::optional<social::Who>>> permission_member(const json::object& body, std::string_view key) {
  if (!body.contains(key)) return std::nullopt;
  VT_TRY(const auto who, choice_member(body, key, social::all_who));
  return std::optional<std::optional<social::Who>>(std::in_place, who);
}

}  // namespace

Result<social::VideoEdit> edit_in(const json::object& body) {
  social::VideoEdit edit;
  VT_TRY(edit.caption, optional_text_member(body, "caption"));
  VT_TRY(edit.tags, texts_member(body, "tags"));
  VT_TRY(edit.audience, choice_member(body, "audience", social::audiences));
  VT_TRY(edit.comments, permission_member(body, "comment_permission"));
  VT_TRY(edit.duets, permission_member(body, "duet_permission"));
  VT_TRY(const auto labels, texts_member(body, "labels"));
  if (labels) {
    VT_TRY(edit.labels, social::labels_of(*labels));
  }
  if (const auto* draft = body.if_contains("draft"); draft && !draft->is_null()) {
    VT_TRY(edit.draft, bool_member(body, "draft", false));
  }
  VT_TRY(edit.publish_at, publish_at_member(body));
  return edit;
}

Result<social::VideoChoices> choices_of(const media::UploadMetadata& metadata) {
  social::VideoChoices choices{.draft = metadata.draft, .publish_at = metadata.publish_at};
  VT_TRY(choices.audience, choice(social::audiences, metadata.audience, "audience"));
  VT_TRY(choices.comments, choice(social::all_who, metadata.comment_permission, "comment_permission"));
  VT_TRY(choices.duets, choice(social::all_who, metadata.duet_permission, "duet_permission"));
  VT_TRY(choices.labels, social::labels_of(metadata.labels));
  VT_CHECK(social::check_draft(choices.draft, choices.publish_at));
  return choices;
}

}  // namespace vitrine::api
