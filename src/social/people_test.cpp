#include "social/people.hpp"

#include "social/comments.hpp"
#include "social/mentions.hpp"
#include "social/testing.hpp"

namespace vitrine::social {
namespace {

class PeopleTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    people_ = std::move(People::open(*database_, clock_).value());
  }
  std::unique_ptr<People> people_;
};
INSTANTIATE_TEST_SUITE_P(Engines, PeopleTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(PeopleTest, a_block_ends_follows_and_hides_both) {
  const auto ada = somebody("ada"), bob = somebody("bob"), cleo = somebody("cleo");
  follow(ada, bob);
  follow(bob, ada);
  follow(cleo, ada);
  EXPECT_EQ(people_->block(ada.account.id, ada.account.id, true).error().code, Errc::invalid_argument);
  ASSERT_TRUE(people_->block(ada.account.id, bob.account.id, true));
  ASSERT_TRUE(people_->block(ada.account.id, bob.account.id, true)) << "idempotent";
  EXPECT_FALSE(*follows_->follows(ada.account.id, bob.account.id));
  EXPECT_FALSE(*follows_->follows(bob.account.id, ada.account.id));
  EXPECT_TRUE(*follows_->follows(cleo.account.id, ada.account.id));
  EXPECT_EQ(follows_->counts(ada.account.id)->followers, 1);
  EXPECT_EQ(follows_->counts(ada.account.id)->following, 0);
  const std::vector<std::string> all = {ada.account.id, bob.account.id, cleo.account.id};
  EXPECT_EQ(*people_->hidden(ada.account.id, all), std::set{bob.account.id});
  EXPECT_EQ(*people_->hidden(bob.account.id, all), std::set{ada.account.id});
  EXPECT_TRUE(people_->hidden(cleo.account.id, all)->empty());
  EXPECT_TRUE(people_->hidden("", all)->empty());
  EXPECT_TRUE(people_->standing(ada.account.id, bob.account.id)->blocked);
  EXPECT_TRUE(people_->standing(bob.account.id, ada.account.id)->hidden);
  EXPECT_FALSE(people_->standing(bob.account.id, ada.account.id)->blocked);
  EXPECT_TRUE(people_->standing(cleo.account.id, ada.account.id)->followed);
  const std::vector<std::string> handles = {"ada", "bob", "cleo", "nobody"};
  EXPECT_EQ(*people_->hidden_handles(bob.account.id, handles), std::set<std::string>{"ada"});
  EXPECT_TRUE(people_->hidden_handles(ada.account.id, handles)->empty()) << "only who has blocked is hidden";
  EXPECT_TRUE(people_->hidden_handles("", handles)->empty());
  ASSERT_TRUE(people_->block(ada.account.id, bob.account.id, false));
  EXPECT_TRUE(people_->hidden(bob.account.id, all)->empty());
}

TEST_P(PeopleTest, lists_are_paged_and_end_with_accounts) {
  const auto ada = somebody("ada");
  for (std::size_t i = 0; i < people_page_items + 5; ++i) {
    const std::string id = new_id(clock_.now());
    ASSERT_TRUE(
        database_->execute("INSERT INTO accounts (id, handle, display_name, bio, created_at) "
                           "VALUES ($1, $1, 'x', '', 0)",
                           {id}));
    ASSERT_TRUE(people_->block(ada.account.id, id, true));
    ASSERT_TRUE(people_->mute(ada.account.id, id, true));
  }
  const auto first = people_->blocked_by(ada.account.id, "");
  ASSERT_TRUE(first && first->next);
  EXPECT_EQ(people_->blocked_by(ada.account.id, *first->next)->items.size(), 5u);
  EXPECT_EQ(people_->muted_by(ada.account.id, "")->items.size(), people_page_items);
  EXPECT_EQ(people_->blocked_by(ada.account.id, "x").error().code, Errc::invalid_argument);
  ASSERT_TRUE(accounts_->erase(ada.account.id));
  EXPECT_EQ((*database_->query("SELECT COUNT(*) FROM blocks"))[0].integer(0), 0);
  EXPECT_EQ((*database_->query("SELECT COUNT(*) FROM mutes"))[0].integer(0), 0);
}

/// Every way to stand to somebody, against everything one may do: the whole of visibility.hpp.
TEST_P(PeopleTest, who_may_do_what_to_whom) {
  struct Case {
    std::string_view name;
    bool follows, followed_back, blocks, is_blocked, muted, owner;
    /// see, comment (everyone, followers, nobody), mention, notify, address; then of a minor.
    std::string_view adult, minor;
  };
  constexpr Case cases[] = {
      {"stranger", false, false, false, false, false, false, "see c-- mention notify address", "see --- - notify -"},
      {"follower", true, false, false, false, false, false, "see cc- mention notify address", "see --- - notify -"},
      {"followed", false, true, false, false, false, false, "see c-- mention notify address",
       "see c-- mention notify address"},
      {"mutual", true, true, false, false, false, false, "see cc- mention notify address",
       "see cc- mention notify address"},
      {"blocked", false, false, true, false, false, false, "- --- - - -", "- --- - - -"},
      {"blocking", false, false, false, true, false, false, "- --- - - -", "- --- - - -"},
      {"owner", false, false, false, false, false, true, "see ccc mention - -", "see ccc mention - -"},
      {"muted", false, false, false, false, true, false, "see c-- mention - -", "see --- - - -"},
      {"muted mutual", true, true, false, false, true, false, "see cc- mention - -", "see cc- mention - -"},
  };
  int made = 0;
  for (const auto& one : cases) {
    for (const bool is_minor : {false, true}) {
      const auto handle = [&](std::string_view role) { return fmt::format("{}{}", role, ++made); };
      const auto owner = is_minor ? somebody_young(handle("owner")) : somebody(handle("owner"));
      const auto other = one.owner ? owner : somebody(handle("other"));
      if (one.follows) follow(other, owner);
      if (one.followed_back) follow(owner, other);
      EXPECT_TRUE(!one.blocks || people_->block(owner.account.id, other.account.id, true));
      EXPECT_TRUE(!one.is_blocked || people_->block(other.account.id, owner.account.id, true));
      EXPECT_TRUE(!one.muted || people_->mute(owner.account.id, other.account.id, true));
      const auto relation = people_->relation(owner.account.id, other.account.id);
      ASSERT_TRUE(relation);
      std::string may = may_see(*relation) ? "see " : "- ";
      for (const auto who : {Who::everyone, Who::followers, Who::nobody})
        may += may_comment(*relation, who) ? 'c' : '-';
      may += may_mention(*relation) ? " mention" : " -";
      may += may_notify(*relation) ? " notify" : " -";
      may += may_address(*relation) ? " address" : " -";
      EXPECT_EQ(may, is_minor ? one.minor : one.adult) << one.name << (is_minor ? ", a minor's" : "");
    }
  }
  EXPECT_TRUE(may_see(*people_->relation(somebody("last").account.id, ""))) << "somebody without an account";
  EXPECT_EQ(people_->relation(new_id(1), "").error().code, Errc::not_found);
}

TEST_P(PeopleTest, minors_hear_from_those_they_follow) {
  const auto comments = std::move(Comments::open(*database_, clock_).value());
  const auto teen = somebody_young("teen"), friend_ = somebody("friend"), fan = somebody("fan");
  EXPECT_EQ(comments->rules(teen.account.id)->who, Who::followers);
  const auto clip = live_video_of(teen);
  follow(fan, teen);
  follow(friend_, teen);
  follow(teen, friend_);
  EXPECT_TRUE(comments->write({clip, friend_.account.id, "nice", ""}));
  EXPECT_EQ(comments->write({clip, fan.account.id, "nice", ""}).error().code, Errc::forbidden);
  ASSERT_TRUE(comments->set_rules(teen.account.id, {.who = Who::everyone}));
  EXPECT_EQ(comments->write({clip, fan.account.id, "nice", ""}).error().code, Errc::forbidden)
      << "not even if the minor wishes it";
  const auto names = [&](const SignIn& author) {
    return people_->mentioned("hi @teen", author.account.id, "")->size();
  };
  EXPECT_EQ(names(friend_), 1u);
  EXPECT_EQ(names(fan), 0u);
}

TEST_P(PeopleTest, mentions_are_of_those_who_can_be_seen) {
  const auto ada = somebody("ada"), bob = somebody("bob.b"), cleo = somebody("cleo");
  const auto names = [&](std::string_view text, const SignIn& viewer) {
    std::string told;
    const auto people = people_->mentioned(text, ada.account.id, viewer.account.id);
    for (const auto& person : people.value()) told += person.handle + " ";
    return told;
  };
  EXPECT_EQ(names("@cleo and @bob.b. @nobody @CLEO", ada), "cleo bob.b ");
  ASSERT_TRUE(people_->block(cleo.account.id, ada.account.id, true));
  EXPECT_EQ(names("@cleo and @bob.b", bob), "bob.b ") << "the author may not mention her";
  ASSERT_TRUE(people_->block(cleo.account.id, ada.account.id, false));
  ASSERT_TRUE(people_->block(cleo.account.id, bob.account.id, true));
  EXPECT_EQ(names("@cleo and @bob.b", bob), "bob.b ") << "the viewer may not see her";
  EXPECT_EQ(names("@cleo and @bob.b", ada), "cleo bob.b ");
}

TEST(Mentions, are_found_where_they_are_meant) {
  using Handles = std::vector<std::string>;
  EXPECT_EQ(mentioned_handles("@ada, @bob! (@cleo) 你好@dora"), (Handles{"ada", "bob", "cleo", "dora"}));
  EXPECT_EQ(mentioned_handles("mail@example.org @@ @a @ @_x_ a@b"), (Handles{"_x_"}));
  EXPECT_EQ(mentioned_handles(std::string("@") + std::string(25, 'a')), Handles{});
  std::string storm;
  for (int i = 0; i < 10'000; ++i) storm += fmt::format("@user{} ", i);
  EXPECT_EQ(mentioned_handles(storm).size(), mentions_max);
  EXPECT_FALSE(check_mentions(storm));
}

}  // namespace
}  // namespace vitrine::social
