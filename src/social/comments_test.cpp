#include "social/comments.hpp"

#include "social/people.hpp"
#include "social/testing.hpp"
#include "social/text.hpp"

namespace vitrine::social {
namespace {

class CommentsTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    comments_ = std::move(Comments::open(*database_, clock_).value());
    people_ = std::move(People::open(*database_, clock_).value());
    ada_ = somebody("ada");
    bob_ = somebody("bob");
    cleo_ = somebody("cleo");
    clip_ = live_video_of(ada_);
  }
  /// A step of time between comments, so that neither their order nor their pace is by chance.
  Result<Comment> tries(const SignIn& author, std::string_view text, std::string_view parent = "") {
    clock_.advance(10'000);
    return comments_->write({clip_, author.account.id, std::string(text), std::string(parent)});
  }
  Comment says(const SignIn& author, std::string_view text, std::string_view parent = "") {
    auto written = tries(author, text, parent);
    EXPECT_TRUE(written) << written.error().message;
    return written.value_or(Comment{});
  }
  static std::string told(const CommentPage& page) {
    std::string text;
    for (const auto& one : page.items) text += fmt::format("{} ", one.state == CommentState::removed ? "-" : one.text);
    return text;
  }
  std::string list(std::string_view viewer, CommentOrder order = CommentOrder::newest) {
    return told(comments_->page(viewer, clip_, order, "").value());
  }
  std::string thread(std::string_view viewer, std::string_view id) {
    return told(comments_->replies(viewer, id, "").value());
  }
  std::int64_t counted() { return videos_->by_id(clip_)->comments; }
  void rules(const CommentRules& rules) { EXPECT_TRUE(comments_->set_rules(ada_.account.id, rules)); }

  std::unique_ptr<Comments> comments_;
  std::unique_ptr<People> people_;
  SignIn ada_, bob_, cleo_;  ///< the video is Ada's
  std::string clip_;
};
INSTANTIATE_TEST_SUITE_P(Engines, CommentsTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(CommentsTest, a_reply_to_a_reply_stands_in_the_same_thread) {
  const auto first = says(bob_, "first");
  const auto reply = says(ada_, "thanks", first.id);
  const auto further = says(bob_, "welcome", reply.id);
  EXPECT_EQ(further.parent, first.id);
  EXPECT_EQ(further.answers, ada_.account.id);
  EXPECT_TRUE(reply.by_creator);
  EXPECT_FALSE(first.by_creator);
  EXPECT_EQ(list(""), "first ");
  EXPECT_EQ(thread("", first.id), "thanks welcome ");
  EXPECT_EQ(comments_->by_id("", first.id)->replies, 2);
  EXPECT_EQ(counted(), 3);
  const auto elsewhere = live_video_of(ada_);
  EXPECT_EQ(comments_->write({elsewhere, bob_.account.id, "lost", first.id}).error().code, Errc::not_found);
}

TEST_P(CommentsTest, texts_have_limits) {
  EXPECT_EQ(tries(bob_, "  \n ").error().code, Errc::invalid_argument);
  EXPECT_EQ(tries(bob_, "\u200b\u2060\u3164").error().code, Errc::invalid_argument) << "nothing can be seen";
  EXPECT_EQ(tries(bob_, std::string(10'000, 'x')).error().code, Errc::invalid_argument);
  EXPECT_EQ(tries(bob_, std::string(comment_characters_max + 1, 'x')).error().code, Errc::invalid_argument);
  EXPECT_EQ(says(bob_, "  " + std::string(comment_characters_max, 'x') + " ").text.size(), comment_characters_max);
  EXPECT_EQ(tries(bob_, "turned \u202eround").error().code, Errc::invalid_argument);
  EXPECT_EQ(tries(bob_, std::string("a\0b", 3)).error().code, Errc::invalid_argument);
  EXPECT_EQ(tries(bob_, "\xc3\x28").error().code, Errc::invalid_argument);
  std::string heap = "e";
  for (int i = 0; i < 100; ++i) heap += "\u0301";
  EXPECT_EQ(says(bob_, heap).text.size(), 1 + 2 * marks_in_a_row_max);
  EXPECT_EQ(says(bob_, "<script>alert(1)</script>").text, "<script>alert(1)</script>") << "text is text";
  EXPECT_TRUE(tries(bob_, "@u1x @u2x @u3x @u4x @u5x @u5x"));
  EXPECT_EQ(tries(bob_, "@u1x @u2x @u3x @u4x @u5x @u6x").error().code, Errc::invalid_argument);
}

TEST_P(CommentsTest, at_most_so_many_a_minute) {
  const auto write = [&] { return comments_->write({clip_, bob_.account.id, "again", ""}); };
  for (int i = 0; i < static_cast<int>(comments_per_minute_max); ++i) EXPECT_TRUE(write());
  EXPECT_EQ(write().error().code, Errc::too_many_requests);
  EXPECT_TRUE(comments_->write({clip_, cleo_.account.id, "me too", ""})) << "others are not held up";
  clock_.advance(7'000);
  EXPECT_TRUE(write());
}

TEST_P(CommentsTest, pages_are_whole_and_do_not_shift) {
  std::vector<std::string> ids;
  for (int i = 0; i < 45; ++i) ids.push_back(says(i % 2 ? bob_ : cleo_, fmt::format("n{}", i)).id);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(comments_->like(ada_.account.id, ids[static_cast<std::size_t>(9 * i)], true));
  for (const auto order : {CommentOrder::newest, CommentOrder::top}) {
    std::set<std::string> seen;
    std::string cursor;
    int pages = 0;
    do {
      const auto page = comments_->page("", clip_, order, cursor);
      ASSERT_TRUE(page);
      for (const auto& one : page->items) EXPECT_TRUE(seen.insert(one.id).second) << one.text;
      cursor = page->next.value_or("");
      says(bob_, "meanwhile");
    } while (!cursor.empty() && ++pages < 10);
    for (const auto& id : ids) EXPECT_TRUE(seen.contains(id));
  }
  const auto thread_of = ids[3];
  for (int i = 0; i < 25; ++i) says(bob_, "reply", thread_of);
  const auto first = comments_->replies("", thread_of, "");
  ASSERT_TRUE(first && first->next);
  EXPECT_EQ(comments_->replies("", thread_of, *first->next)->items.size(), 5u);
  for (const std::string_view bad :
       {"x", "1", "'; DROP TABLE comments", "\xff", "99999999999999999999.01hf7yat02mktej5c58cfy57f4", "5.",
        ".01hf7yat02mktej5c58cfy57f4", "01hf7yat02mktej5c58cfy57f4"})
    EXPECT_EQ(comments_->page("", clip_, CommentOrder::top, bad).error().code, Errc::invalid_argument) << bad;
}

TEST_P(CommentsTest, the_top_is_by_likes_that_wear_off) {
  const auto liked = says(bob_, "liked");
  const auto plain = says(cleo_, "plain");
  ASSERT_TRUE(comments_->like(ada_.account.id, liked.id, true));
  EXPECT_EQ(list("", CommentOrder::top), "liked plain ");
  EXPECT_EQ(list(""), "plain liked ");
  clock_.advance(comment_likes_doubling_ms);
  says(bob_, "fresh");
  EXPECT_EQ(list("", CommentOrder::top), "fresh liked plain ") << "one like is worth half a day";
  ASSERT_TRUE(comments_->like(bob_.account.id, liked.id, true));
  EXPECT_EQ(list("", CommentOrder::top), "liked fresh plain ");
}

TEST_P(CommentsTest, likes_count_each_account_once) {
  const auto one = says(bob_, "one");
  EXPECT_EQ(comments_->like(cleo_.account.id, one.id, true)->likes, 1);
  EXPECT_FALSE(comments_->like(cleo_.account.id, one.id, true)->changed);
  EXPECT_TRUE(comments_->by_id(cleo_.account.id, one.id)->liked);
  EXPECT_FALSE(comments_->by_id(bob_.account.id, one.id)->liked);
  EXPECT_EQ(comments_->like(cleo_.account.id, one.id, false)->likes, 0);
  EXPECT_FALSE(comments_->like(cleo_.account.id, one.id, false)->changed);
  EXPECT_EQ(comments_->like(cleo_.account.id, new_id(1), true).error().code, Errc::not_found);
}

TEST_P(CommentsTest, one_is_pinned) {
  const auto one = says(bob_, "one"), two = says(cleo_, "two"), reply = says(cleo_, "reply", one.id);
  EXPECT_EQ(comments_->pin(bob_.account.id, one.id, true).error().code, Errc::forbidden);
  EXPECT_EQ(comments_->pin(ada_.account.id, reply.id, true).error().code, Errc::unprocessable);
  EXPECT_TRUE(comments_->pin(ada_.account.id, one.id, true)->pinned);
  EXPECT_EQ(list(""), "one two ");
  ASSERT_TRUE(comments_->pin(ada_.account.id, two.id, true));
  EXPECT_EQ(list(""), "two one ");
  EXPECT_FALSE(comments_->by_id("", one.id)->pinned);
  EXPECT_FALSE(comments_->pin(ada_.account.id, two.id, false)->pinned);
}

TEST_P(CommentsTest, edits_leave_a_history) {
  const auto one = says(bob_, "first");
  EXPECT_EQ(comments_->edit(cleo_.account.id, one.id, "mine").error().code, Errc::forbidden);
  EXPECT_FALSE(comments_->edit(bob_.account.id, one.id, "first")->edited_at) << "nothing changed";
  const auto edited = comments_->edit(bob_.account.id, one.id, "second");
  ASSERT_TRUE(edited);
  EXPECT_TRUE(edited->edited_at);
  ASSERT_TRUE(comments_->edit(bob_.account.id, one.id, "third"));
  const auto history = comments_->history("", one.id);
  ASSERT_EQ(history->size(), 2u);
  EXPECT_EQ((*history)[0].text, "second");
  EXPECT_EQ((*history)[1].text, "first");
  EXPECT_EQ((*history)[1].at, one.created_at);
  for (int i = 2; i < comment_edits_max; ++i) {
    clock_.advance(10'000);
    ASSERT_TRUE(comments_->edit(bob_.account.id, one.id, fmt::format("edit {}", i)));
  }
  clock_.advance(10'000);
  EXPECT_EQ(comments_->edit(bob_.account.id, one.id, "too many").error().code, Errc::unprocessable);
}

TEST_P(CommentsTest, what_is_removed_leaves_a_stub_only_for_its_replies) {
  const auto one = says(bob_, "one"), two = says(bob_, "two");
  const auto reply = says(cleo_, "reply", one.id);
  ASSERT_TRUE(comments_->edit(bob_.account.id, one.id, "one, edited"));
  EXPECT_EQ(comments_->remove(cleo_.account.id, one.id).error().code, Errc::forbidden);
  ASSERT_TRUE(comments_->remove(bob_.account.id, one.id));
  ASSERT_TRUE(comments_->remove(ada_.account.id, two.id)) << "the video's creator may";
  EXPECT_EQ(list(""), "- ");
  EXPECT_EQ(comments_->by_id("", one.id)->text, "");
  EXPECT_TRUE(comments_->history("", one.id)->empty());
  EXPECT_EQ(comments_->like(cleo_.account.id, one.id, true).error().code, Errc::not_found);
  EXPECT_EQ(tries(ada_, "late", one.id).error().code, Errc::not_found);
  EXPECT_EQ(comments_->remove(bob_.account.id, one.id).error().code, Errc::not_found);
  EXPECT_EQ(counted(), 1);
  ASSERT_TRUE(comments_->remove(cleo_.account.id, reply.id));
  EXPECT_EQ(list(""), "");
  EXPECT_EQ(counted(), 0);
}

TEST_P(CommentsTest, who_may_comment) {
  follow(bob_, ada_);
  rules({.who = Who::followers});
  EXPECT_TRUE(tries(bob_, "a follower"));
  EXPECT_EQ(tries(cleo_, "a stranger").error().code, Errc::forbidden);
  rules({.who = Who::nobody});
  EXPECT_EQ(tries(bob_, "nobody").error().code, Errc::forbidden);
  EXPECT_TRUE(tries(ada_, "myself"));
}

TEST_P(CommentsTest, what_is_held_waits_for_approval) {
  follow(bob_, ada_);
  const std::string ada = ada_.account.id, bob = bob_.account.id;
  rules({.hold = Hold::links, .words = {"Schnörkel", "bad egg", "悪い"}});
  for (const std::string_view text :
       {"see https://example.org", "see www.example.org", "example.org/x", "ｅｘａｍｐｌｅ．ｏｒｇ",
        "so SCHNO\u0308RKEL!", "you B\u200bA\u200bD  egg", "とても悪いね", "schnorkel"})
    EXPECT_EQ(says(cleo_, text).state, CommentState::held) << text;
  for (const std::string_view text : {"3.50 e.g. this", "a bad eggplant", "schnorkeling", "end. Next one"})
    EXPECT_EQ(says(cleo_, text).state, CommentState::live) << text;
  rules({.hold = Hold::strangers});
  EXPECT_EQ(says(cleo_, "a stranger").state, CommentState::held);
  EXPECT_EQ(says(bob_, "a follower").state, CommentState::live);
  rules({.hold = Hold::everything});
  EXPECT_EQ(says(ada_, "myself").state, CommentState::live);
  EXPECT_EQ(comments_->held(ada, "")->items.size(), 9u);
  EXPECT_EQ(counted(), 6);

  const auto held = says(bob_, "held");
  EXPECT_EQ(list(bob).substr(0, 5), "held ") << "its author sees it";
  EXPECT_EQ(list("").substr(0, 5), "mysel");
  EXPECT_EQ(list(cleo_.account.id).find("held "), std::string::npos);
  EXPECT_EQ(comments_->by_id(cleo_.account.id, held.id).error().code, Errc::not_found);
  EXPECT_EQ(comments_->history("", held.id).error().code, Errc::not_found);
  EXPECT_EQ(tries(ada_, "an answer", held.id).error().code, Errc::unprocessable);
  EXPECT_EQ(comments_->approve(bob, held.id).error().code, Errc::forbidden);
  EXPECT_TRUE(comments_->approve(ada, held.id)->changed);
  EXPECT_FALSE(comments_->approve(ada, held.id)->changed);
  EXPECT_EQ(list("").substr(0, 5), "held ");
  EXPECT_EQ(counted(), 7);

  const auto reply = says(bob_, "reply", held.id);
  EXPECT_EQ(thread("", held.id), "");
  EXPECT_EQ(thread(bob, held.id), "reply ");
  ASSERT_TRUE(comments_->approve(ada, reply.id));
  EXPECT_EQ(thread("", held.id), "reply ");
  EXPECT_EQ(comments_->by_id("", held.id)->replies, 1);
}

TEST_P(CommentsTest, an_edit_is_held_as_well) {
  const auto one = says(bob_, "harmless");
  rules({.hold = Hold::links});
  EXPECT_EQ(comments_->edit(bob_.account.id, one.id, "see example.org")->state, CommentState::held);
  EXPECT_EQ(list(""), "");
  EXPECT_EQ(counted(), 0);
}

TEST_P(CommentsTest, rules_have_limits) {
  EXPECT_FALSE(checked_rules("anybody", "nothing", {}));
  EXPECT_FALSE(checked_rules("everyone", "", {}));
  EXPECT_FALSE(checked_rules("everyone", "nothing", {"two\nlines"}));
  EXPECT_FALSE(checked_rules("everyone", "nothing", {"!?"})) << "would match everything";
  EXPECT_FALSE(checked_rules("everyone", "nothing", {std::string(held_word_characters_max + 1, 'x')}));
  EXPECT_TRUE(checked_rules("everyone", "nothing", std::vector<std::string>(held_words_max, "x")));
  EXPECT_FALSE(checked_rules("everyone", "nothing", std::vector<std::string>(held_words_max + 1, "x")));
  const auto kept = checked_rules("followers", "strangers", {"a b", "a b", "c"});
  ASSERT_TRUE(kept);
  rules(*kept);
  const auto read = comments_->rules(ada_.account.id);
  EXPECT_EQ(read->who, Who::followers);
  EXPECT_EQ(read->hold, Hold::strangers);
  EXPECT_EQ(read->words, (std::vector<std::string>{"a b", "c"}));
}

TEST_P(CommentsTest, an_erased_account_takes_its_comments_out_of_all_counters) {
  const auto theirs = says(cleo_, "theirs"), bobs = says(bob_, "bob's");
  says(bob_, "in a thread", theirs.id);
  says(cleo_, "in bob's thread", bobs.id);
  ASSERT_TRUE(comments_->like(bob_.account.id, theirs.id, true));
  ASSERT_TRUE(comments_->remove(cleo_.account.id, theirs.id)) << "a stub that only bob's reply keeps";
  const auto kept = says(cleo_, "kept");
  ASSERT_TRUE(comments_->like(bob_.account.id, kept.id, true));
  EXPECT_EQ(counted(), 4);
  ASSERT_TRUE(accounts_->erase(bob_.account.id));
  EXPECT_EQ(list(""), "kept ");
  EXPECT_EQ(counted(), 1);
  EXPECT_EQ(comments_->by_id("", kept.id)->likes, 0);
  ASSERT_TRUE(accounts_->erase(ada_.account.id));
  EXPECT_EQ((*database_->query("SELECT COUNT(*) FROM comments"))[0].integer(0), 0);
}

TEST_P(CommentsTest, comments_of_the_blocked_and_the_muted_are_not_shown) {
  const auto one = says(bob_, "bob");
  says(cleo_, "cleo");
  const std::string ada = ada_.account.id, bob = bob_.account.id, cleo = cleo_.account.id;
  ASSERT_TRUE(people_->mute(cleo, bob, true));
  EXPECT_EQ(list(cleo), "cleo ");
  EXPECT_EQ(list(bob), "cleo bob ") << "a mute is one-sided";
  ASSERT_TRUE(people_->mute(cleo, bob, false));
  ASSERT_TRUE(people_->block(bob, cleo, true));
  EXPECT_EQ(list(cleo), "cleo ");
  EXPECT_EQ(list(bob), "bob ");
  EXPECT_EQ(list(ada), "cleo bob ");
  EXPECT_EQ(list(""), "cleo bob ");
  EXPECT_EQ(comments_->like(cleo, one.id, true).error().code, Errc::not_found);
  EXPECT_EQ(tries(cleo_, "an answer", one.id).error().code, Errc::not_found);
  EXPECT_EQ(comments_->history(cleo, one.id).error().code, Errc::not_found);
  ASSERT_TRUE(people_->block(ada, bob, true));
  EXPECT_EQ(tries(bob_, "still here").error().code, Errc::not_found);
  EXPECT_EQ(comments_->edit(bob, one.id, "changed").error().code, Errc::not_found);
  EXPECT_TRUE(comments_->remove(bob, one.id)) << "one's own words can always be taken back";
}

TEST_P(CommentsTest, an_export_has_all_states) {
  says(bob_, "live");
  rules({.hold = Hold::everything});
  says(bob_, "held");
  EXPECT_EQ(told(comments_->written_by(bob_.account.id, "").value()), "held live ");
}

}  // namespace
}  // namespace vitrine::social
