// Comments on videos, and the creator's rules about them.
#include "social/comments.hpp"

#include "api/api.hpp"
#include "api/caller.hpp"
#include "api/moderation.hpp"
#include "api/render.hpp"
#include "api/social_json.hpp"
#include "base/log.hpp"
#include "social/notifications.hpp"

namespace vitrine::api {
namespace {

using http::Request;
using http::Response;

std::string_view cursor_of(const Request& request) { return request.query_value("cursor").value_or(""); }

json::object page_json(Rooms& rooms, const social::CommentPage& page) {
  json::array items;
  for (const auto& comment : page.items) items.push_back(comment_json(rooms, comment));
  return {{"items", std::move(items)}, {"next", text_or_null(page.next)}};
}

/// A comment is nowhere to be seen where its video is not, and nothing can be done with it.
Result<std::string> comment_where(Result<social::Video> (*video_for)(Rooms&, const Caller&, std::string_view),
                                  Rooms& rooms, const Caller& caller, const Request& request) {
  const auto id = request.parameter("id");
  VT_TRY(const auto id_of_video, rooms.comments.video_of(id));
  const auto video = video_for(rooms, caller, id_of_video);
  if (video) return std::string(id);
  if (video.error().code != Errc::not_found) return std::unexpected(video.error());
  return fail(Errc::not_found, "there is no such comment");
}

/// Tells the creator, whoever was answered, and whoever is mentioned; each of them once.
void tell_of(Rooms& rooms, const social::Comment& comment) {
  using Kind = social::NotificationKind;
  if (comment.state != social::CommentState::live) return;
  const auto& author = comment.author.id;
  std::set<std::string> told;
  const auto tell = [&](Kind kind, const std::string& whom) {
    if (told.insert(whom).second) rooms.notifications.tell({kind, whom, author, comment.video, comment.id});
  };
  if (comment.answers) tell(Kind::reply, *comment.answers);
  tell(Kind::comment, comment.creator_id);
  const auto mentions = rooms.notifications.tell_mentioned(comment.text, author, comment.video, comment.id, told);
  if (!mentions) log::warning("comments.mentions", {{"error", mentions.error().message}});
}

/// As it stands once the automatic rules have looked at it.
Result<social::Comment> screened(Rooms& rooms, const social::Comment& comment) {
  screen_words(rooms, {social::TargetKind::comment, comment.id});
  return rooms.comments.by_id(comment.author.id, comment.id);
}

Result<Response> get_comments(Rooms& rooms, const Request& request) {
  const auto sort = request.query_value("sort").value_or("top");
  if (sort != "top" && sort != "new") return fail(Errc::invalid_argument, "\"sort\" must be top or new");
  const Caller caller = caller_of(rooms, request);
  VT_TRY(const auto video, visible_video(rooms, caller, request.parameter("id")));
  const auto order = sort == "top" ? social::CommentOrder::top : social::CommentOrder::newest;
  VT_TRY(const auto page, rooms.comments.page(caller_id(caller), video.id, order, cursor_of(request)));
  return json_response(200, page_json(rooms, page));
}

Result<Response> get_replies(Rooms& rooms, const Request& request) {
  const Caller caller = caller_of(rooms, request);
  VT_TRY(const auto id, comment_where(visible_video, rooms, caller, request));
  VT_TRY(const auto page, rooms.comments.replies(caller_id(caller), id, cursor_of(request)));
  return json_response(200, page_json(rooms, page));
}

Result<Response> get_comment(Rooms& rooms, const Request& request) {
  const Caller caller = caller_of(rooms, request);
  if (is_moderator(rooms, caller)) {
    VT_TRY(const auto comment, rooms.comments.for_moderator(caller.account->id, request.parameter("id")));
    return json_response(200, comment_json(rooms, comment));
  }
  VT_TRY(const auto id, comment_where(visible_video, rooms, caller, request));
  VT_TRY(const auto comment, rooms.comments.by_id(caller_id(caller), id));
  return json_response(200, comment_json(rooms, comment));
}

Result<Response> post_comment(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto video, usable_video(rooms, caller, request.parameter("id")));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto text, text_member(body, "text"));
  VT_TRY(const auto parent, optional_text_member(body, "parent"));
  if (parent && parent->empty()) return fail(Errc::invalid_argument, "\"parent\" must be the id of a comment");
  VT_TRY(const auto written,
         rooms.comments.write({video.id, caller.account->id, std::string(text), parent.value_or("")}));
  VT_TRY(const auto comment, screened(rooms, written));
  tell_of(rooms, comment);
  return json_response(201, comment_json(rooms, comment));
}

Result<Response> edit_comment(Rooms& rooms, const Request& request) {
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto id, comment_where(usable_video, rooms, caller, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto text, text_member(body, "text"));
  VT_TRY(const auto edited, rooms.comments.edit(caller.account->id, id, text));
  VT_TRY(const auto comment, screened(rooms, edited));
  return json_response(200, comment_json(rooms, comment));
}

Result<Response> get_history(Rooms& rooms, const Request& request) {
  const Caller caller = caller_of(rooms, request);
  VT_TRY(const auto id, comment_where(visible_video, rooms, caller, request));
  VT_TRY(const auto history, rooms.comments.history(caller_id(caller), id));
  json::array items;
  for (const auto& former : history) items.push_back({{"text", former.text}, {"at", former.at}});
  return json_response(200, {{"items", std::move(items)}});
}

/// One's own words can be taken back wherever they stand, also where one is no longer let in.
Result<Response> delete_comment(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_CHECK(rooms.comments.remove(account.id, request.parameter("id")));
  return Response::empty(204);
}

Result<Response> set_like(Rooms& rooms, const Request& request) {
  const bool on = request.method == http::Method::put;
  VT_TRY(const auto caller, signed_in_caller(rooms, request));
  VT_TRY(const auto id, comment_where(usable_video, rooms, caller, request));
  VT_TRY(const auto likes, rooms.comments.like(caller.account->id, id, on));
  if (on && likes.changed) {
    VT_TRY(const auto comment, rooms.comments.by_id(caller.account->id, id));
    rooms.notifications.tell(
        {social::NotificationKind::comment_like, comment.author.id, caller.account->id, comment.video, id});
  }
  return json_response(200, {{"likes", likes.likes}, {"liked", on}});
}

Result<Response> set_pin(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto comment,
         rooms.comments.pin(account.id, request.parameter("id"), request.method == http::Method::put));
  return json_response(200, comment_json(rooms, comment));
}

Result<Response> approve_comment(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto approval, rooms.comments.approve(account.id, request.parameter("id")));
  if (approval.changed) tell_of(rooms, approval.comment);
  return json_response(200, comment_json(rooms, approval.comment));
}

Result<Response> get_held(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto page, rooms.comments.held(account.id, cursor_of(request)));
  return json_response(200, page_json(rooms, page));
}

Result<Response> get_rules(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto rules, rooms.comments.rules(account.id));
  return json_response(200, rules_json(rules));
}

/// All members are asked for: one that was left out by mistake would be a rule undone.
Result<Response> put_rules(Rooms& rooms, const Request& request) {
  VT_TRY(const auto account, require_account(rooms, request));
  VT_TRY(const auto body, body_object(request));
  VT_TRY(const auto who, text_member(body, "who"));
  VT_TRY(const auto hold, text_member(body, "hold"));
  VT_TRY(const auto words, texts_member(body, "words"));
  if (!words) return fail(Errc::invalid_argument, "member \"words\" must be a list of texts");
  VT_TRY(const auto rules, social::checked_rules(who, hold, *words));
  VT_CHECK(rooms.comments.set_rules(account.id, rules));
  return json_response(200, rules_json(rules));
}

}  // namespace

json::object comment_json(Rooms& rooms, const social::Comment& comment) {
  auto object = comment_json(comment);
  object["author"] = person_json(rooms, comment.author);
  return object;
}

json::object comment_json(const social::Comment& comment) {
  return {{"id", comment.id},
          {"video", comment.video},
          {"parent", text_or_null(comment.parent)},
          {"author", person_json(comment.author)},
          {"text", comment.text},
          {"created_at", comment.created_at},
          {"edited_at", comment.edited_at ? json::value(*comment.edited_at) : json::value(nullptr)},
          {"likes", comment.likes},
          {"liked", comment.liked},
          {"pinned", comment.pinned},
          {"replies", comment.replies},
          {"state", social::name(comment.state)},
          {"own", comment.own},
          {"by_creator", comment.by_creator},
          {"withheld", comment.withheld}};
}

json::object rules_json(const social::CommentRules& rules) {
  return {{"who", social::name(rules.who)},
          {"hold", social::name(rules.hold)},
          {"words", json::array(rules.words.begin(), rules.words.end())}};
}

void add_comments(http::Router& router, Rooms& rooms) {
  using http::Method;
  router.add(Method::get, "/api/v1/videos/{id}/comments", answer(rooms, get_comments));
  router.add(Method::post, "/api/v1/videos/{id}/comments", answer(rooms, post_comment));
  router.add(Method::get, "/api/v1/comments/{id}", answer(rooms, get_comment));
  router.add(Method::patch, "/api/v1/comments/{id}", answer(rooms, edit_comment));
  router.add(Method::del, "/api/v1/comments/{id}", answer(rooms, delete_comment));
  router.add(Method::get, "/api/v1/comments/{id}/replies", answer(rooms, get_replies));
  router.add(Method::get, "/api/v1/comments/{id}/history", answer(rooms, get_history));
  router.add(Method::put, "/api/v1/comments/{id}/like", answer(rooms, set_like));
  router.add(Method::del, "/api/v1/comments/{id}/like", answer(rooms, set_like));
  router.add(Method::put, "/api/v1/comments/{id}/pin", answer(rooms, set_pin));
  router.add(Method::del, "/api/v1/comments/{id}/pin", answer(rooms, set_pin));
  router.add(Method::post, "/api/v1/comments/{id}/approval", answer(rooms, approve_comment));
  router.add(Method::get, "/api/v1/account/held-comments", answer(rooms, get_held));
  router.add(Method::get, "/api/v1/account/comment-rules", answer(rooms, get_rules));
  router.add(Method::put, "/api/v1/account/comment-rules", answer(rooms, put_rules));
}

}  // namespace vitrine::api
