#include "social/families.hpp"

#include "social/comments.hpp"
#include "social/notifications.hpp"
#include "social/testing.hpp"

namespace vitrine::social {
namespace {

class FamiliesTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    families_ = std::move(Families::open(*database_, clock_).value());
    limits_ = std::move(WatchLimits::open(*database_, clock_).value());
    guardian_ = somebody("mum");
    ward_ = somebody_young("tim");
  }
  static const std::string& id(const SignIn& one) { return one.account.id; }
  Result<Pairing> meet(const SignIn& maker, const SignIn& other) {
    VT_TRY(const auto code, families_->make_code(id(maker)));
    return families_->enter_code(id(other), code.text);
  }
  Pairing pair(const SignIn& guardian, const SignIn& ward) {
    auto made = meet(guardian, ward);
    EXPECT_TRUE(made) << made.error().message;
    EXPECT_TRUE(families_->confirm(id(ward), made->id));
    auto paired = families_->confirm(id(guardian), made->id);
    EXPECT_TRUE(paired && paired->since);
    return paired.value_or(Pairing{});
  }
  std::unique_ptr<Families> families_;
  std::unique_ptr<WatchLimits> limits_;
  SignIn guardian_, ward_;
};
INSTANTIATE_TEST_SUITE_P(Engines, FamiliesTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(FamiliesTest, both_confirm_before_anything_holds) {
  const auto code = families_->make_code(id(guardian_));
  ASSERT_TRUE(code);
  EXPECT_EQ(code->text.size(), pairing_code_characters);
  EXPECT_EQ(code->text.find_first_not_of(pairing_code_alphabet), std::string::npos);
  std::string typed = code->text.substr(0, 4) + " - " + code->text.substr(4);
  std::ranges::transform(typed, typed.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  const auto made = families_->enter_code(id(ward_), typed);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->guardian.handle, "mum");
  EXPECT_EQ(made->ward.handle, "tim");
  EXPECT_EQ(families_->controls(id(guardian_), id(ward_)).error().code, Errc::forbidden);
  EXPECT_FALSE(families_->confirm(id(ward_), made->id)->since);
  EXPECT_FALSE(families_->confirm(id(ward_), made->id)->since) << "one cannot confirm for two";
  EXPECT_EQ(families_->controls(id(guardian_), id(ward_)).error().code, Errc::forbidden);
  EXPECT_EQ(families_->confirm(somebody("eve").account.id, made->id).error().code, Errc::not_found);
  EXPECT_TRUE(families_->confirm(id(guardian_), made->id)->since);
  EXPECT_EQ(families_->controls(id(guardian_), id(ward_)), Controls{});
  EXPECT_EQ(families_->controls(id(ward_), id(ward_)), Controls{}) << "the young person sees the same";
  EXPECT_EQ(families_->of_account(id(ward_))->size(), 1u);
}

TEST_P(FamiliesTest, a_code_is_good_once_for_a_while_and_between_the_ages) {
  const auto code = families_->make_code(id(guardian_));
  EXPECT_EQ(families_->enter_code(id(guardian_), code->text).error().code, Errc::unprocessable) << "one's own";
  EXPECT_EQ(families_->enter_code(id(somebody("bob")), code->text).error().code, Errc::unprocessable) << "two adults";
  ASSERT_TRUE(families_->enter_code(id(ward_), code->text));
  EXPECT_EQ(families_->enter_code(id(somebody_young("zoe")), code->text).error().code, Errc::unprocessable) << "used";
  EXPECT_EQ(meet(ward_, guardian_).error().code, Errc::conflict) << "already about to be";
  const auto other = somebody("dad");
  const auto first = families_->make_code(id(other)), second = families_->make_code(id(other));
  EXPECT_FALSE(families_->enter_code(id(ward_), first->text)) << "a new one takes its place";
  clock_.advance(pairing_code_lifetime_ms);
  EXPECT_EQ(families_->enter_code(id(ward_), second->text).error().code, Errc::unprocessable) << "expired";
}

TEST_P(FamiliesTest, guessing_costs_time) {
  for (int i = 0; i <= pairing_tries_free; ++i)
    EXPECT_EQ(families_->enter_code(id(ward_), "AAAAAAAA").error().code, Errc::unprocessable);
  const auto code = families_->make_code(id(guardian_));
  EXPECT_EQ(families_->enter_code(id(ward_), code->text).error().code, Errc::too_many_requests);
  clock_.advance(pairing_first_wait_ms);
  EXPECT_TRUE(families_->enter_code(id(ward_), code->text));
}

TEST_P(FamiliesTest, what_is_not_confirmed_in_time_is_gone) {
  const auto made = meet(guardian_, ward_);
  clock_.advance(pairing_confirmation_ms);
  EXPECT_EQ(families_->confirm(id(ward_), made->id).error().code, Errc::not_found);
  EXPECT_TRUE(families_->of_account(id(ward_))->empty());
  EXPECT_TRUE(meet(guardian_, ward_)) << "and can begin anew";
}

TEST_P(FamiliesTest, there_are_so_many_guardians_and_wards) {
  for (std::int64_t i = 0; i < guardians_per_ward_max; ++i) pair(somebody(fmt::format("guard{}", i)), ward_);
  EXPECT_EQ(families_->make_code(id(ward_)).error().code, Errc::conflict);
  EXPECT_EQ(meet(guardian_, ward_).error().code, Errc::conflict);
  for (std::int64_t i = 0; i < wards_per_guardian_max; ++i) pair(guardian_, somebody_young(fmt::format("kid{}", i)));
  EXPECT_EQ(families_->make_code(id(guardian_)).error().code, Errc::conflict);
}

TEST_P(FamiliesTest, each_change_is_kept_with_when_and_by_whom) {
  pair(guardian_, ward_);
  const auto dad = somebody("dad");
  pair(dad, ward_);
  Controls wanted{.limits = {45, {}}, .left_out = {"#Diet", "diet", "guns"}, .search = false};
  clock_.advance(1'000);
  EXPECT_EQ(families_->set_controls(id(dad), id(ward_), wanted), 4u);
  EXPECT_EQ(families_->set_controls(id(guardian_), id(ward_), wanted), 0u) << "nothing new";
  EXPECT_EQ(families_->controls(id(guardian_), id(ward_))->left_out, (std::vector<std::string>{"diet", "guns"}));
  const auto history = families_->history(id(ward_), id(ward_));
  ASSERT_TRUE(history);
  ASSERT_EQ(history->size(), 6u);
  std::set<std::string> told;
  for (const auto& one : *history)
    told.insert(fmt::format("{} {} {}>{}", one.by->handle, one.what, one.before, one.after));
  EXPECT_EQ(told, (std::set<std::string>{"mum paired >mum", "dad paired >dad", "dad daily_minutes 60>45",
                                         "dad quiet 22:00-06:00>", "dad left_out >diet,guns", "dad search on>off"}));
  EXPECT_EQ(history->back().what, "paired") << "the latest first";
  EXPECT_EQ(families_->history(id(dad), id(ward_))->size(), history->size()) << "guardians see the same";
  EXPECT_EQ(families_->history(id(somebody("eve")), id(ward_)).error().code, Errc::forbidden);
  EXPECT_EQ(families_->set_controls(id(ward_), id(ward_), Controls{}).error().code, Errc::forbidden);
  EXPECT_EQ(families_->set_controls(id(somebody("bob")), id(ward_), Controls{}).error().code, Errc::forbidden);
  EXPECT_EQ(families_->set_controls(id(dad), id(ward_), {.limits = {1, {}}}).error().code, Errc::invalid_argument);
  EXPECT_EQ(families_->set_controls(id(dad), id(ward_), {.left_out = std::vector<std::string>(33, "x")}).error().code,
            Errc::invalid_argument);
  for (std::int64_t i = 0; i < family_changes_kept; ++i) {
    clock_.advance(1);
    ASSERT_TRUE(families_->set_controls(id(dad), id(ward_), {.limits = {15 + static_cast<int>(i), {}}}));
  }
  EXPECT_EQ(std::ssize(*families_->history(id(ward_), id(ward_))), family_changes_kept);
}

TEST_P(FamiliesTest, a_guardians_limits_take_the_place_of_those_for_minors) {
  const auto pairing = pair(guardian_, ward_);
  ASSERT_TRUE(families_->set_controls(id(guardian_), id(ward_), {.limits = {90, {}}, .sensitive_locked = false}));
  auto state = limits_->state(id(ward_));
  EXPECT_EQ(state->limits, (Limits{90, {}}));
  EXPECT_TRUE(state->guarded);
  EXPECT_FALSE(state->may_extend);
  EXPECT_EQ(limits_->extend(id(ward_)).error().code, Errc::forbidden);
  EXPECT_EQ(limits_->set(id(ward_), {91, {}}, true).error().code, Errc::forbidden);
  ASSERT_TRUE(limits_->set(id(ward_), {75, {}}, false)) << "stricter, and sensitive clips are theirs to choose";
  EXPECT_FALSE(families_->rules_for(id(ward_))->hides_sensitive);
  ASSERT_TRUE(families_->set_controls(id(guardian_), id(ward_), Controls{}));
  EXPECT_EQ(limits_->state(id(ward_))->limits, minor_limits) << "what was chosen before holds as far as it is stricter";
  EXPECT_TRUE(families_->rules_for(id(ward_))->hides_sensitive);
  ASSERT_TRUE(families_->set_controls(id(guardian_), id(ward_), {.limits = {{}, {}}}));
  ASSERT_TRUE(families_->end(id(ward_), pairing.id));
  EXPECT_EQ(limits_->state(id(ward_))->limits, minor_limits);
}

TEST_P(FamiliesTest, guardians_say_who_may_talk_to_a_ward) {
  pair(guardian_, ward_);
  const auto friend_ = somebody("amy"), followed = somebody("star");
  follow(ward_, friend_);
  follow(friend_, ward_);
  follow(ward_, followed);
  const auto may = [&](const SignIn& other) {
    const auto relation = *relation_of(*database_, id(ward_), id(other));
    return std::pair(may_comment(relation, Who::everyone), may_mention(relation));
  };
  EXPECT_EQ(may(friend_), std::pair(true, true));
  EXPECT_EQ(may(followed), std::pair(true, true));
  EXPECT_EQ(may(guardian_), std::pair(false, false)) << "a stranger, as anybody whom the ward does not follow";
  ASSERT_TRUE(families_->set_controls(id(guardian_), id(ward_), {.comments = Who::followers, .mentions = Who::nobody}));
  EXPECT_EQ(may(friend_), std::pair(true, false));
  EXPECT_EQ(may(followed), std::pair(false, false));
  ASSERT_TRUE(families_->set_controls(id(guardian_), id(ward_), {.comments = Who::nobody, .mentions = Who::followers}));
  EXPECT_EQ(may(friend_), std::pair(false, true));
  EXPECT_EQ(may(followed), std::pair(false, false));
  const auto comments = std::move(Comments::open(*database_, clock_).value());
  const auto clip = live_video_of(ward_);
  EXPECT_EQ(comments->write({clip, id(friend_), "Hi", ""}).error().code, Errc::forbidden);
}

TEST_P(FamiliesTest, rules_for_lists_and_searches) {
  EXPECT_TRUE(families_->rules_for(id(ward_))->hides_sensitive);
  EXPECT_FALSE(families_->rules_for(id(guardian_))->hides_sensitive);
  EXPECT_TRUE(families_->rules_for("")->search);
  pair(guardian_, ward_);
  const std::vector<std::string> ids{id(ward_), id(guardian_)};
  EXPECT_TRUE(families_->not_findable(ids)->empty());
  ASSERT_TRUE(
      families_->set_controls(id(guardian_), id(ward_), {.left_out = {"diet"}, .search = false, .findable = false}));
  EXPECT_EQ(*families_->not_findable(ids), std::set{id(ward_)});
  EXPECT_FALSE(families_->rules_for(id(ward_))->search);
  EXPECT_EQ(families_->rules_for(id(ward_))->left_out, std::vector<std::string>{"diet"});
}

TEST_P(FamiliesTest, nothing_of_a_guardian_outlasts_the_last_pairing) {
  const auto first = pair(guardian_, ward_);
  const auto dad = somebody("dad");
  pair(dad, ward_);
  ASSERT_TRUE(families_->set_controls(id(dad), id(ward_), {.search = false}));
  EXPECT_EQ(families_->end(id(somebody("eve")), first.id).error().code, Errc::not_found);
  ASSERT_TRUE(families_->end(id(guardian_), first.id));
  EXPECT_EQ(families_->set_controls(id(guardian_), id(ward_), Controls{}).error().code, Errc::forbidden);
  EXPECT_FALSE(families_->rules_for(id(ward_))->search) << "the other guardian's word stands";
  ASSERT_TRUE(accounts_->erase(id(dad)));
  EXPECT_TRUE(families_->rules_for(id(ward_))->search) << "who has left sets nothing";
  EXPECT_EQ(families_->controls(id(ward_), id(ward_)).error().code, Errc::not_found);
  pair(guardian_, ward_);
  EXPECT_EQ(families_->controls(id(ward_), id(ward_)), Controls{}) << "a new guardian begins anew";
}

TEST_P(FamiliesTest, who_comes_of_age_is_nobodys_ward) {
  pair(guardian_, ward_);
  ASSERT_TRUE(families_->set_controls(id(guardian_), id(ward_), {.limits = {15, {}}, .search = false}));
  EXPECT_EQ(*families_->come_of_age(id(ward_)), std::vector{id(guardian_)});
  ASSERT_TRUE(accounts_->set_age_band(id(ward_), AgeBand::adult));
  EXPECT_TRUE(accounts_->by_id(id(ward_))->sealed_as_minor);
  EXPECT_EQ(limits_->state(id(ward_))->limits, Limits{});
  EXPECT_TRUE(families_->rules_for(id(ward_))->search);
  EXPECT_TRUE(families_->of_account(id(guardian_))->empty());
  EXPECT_TRUE(families_->come_of_age(id(ward_))->empty());
}

TEST_P(FamiliesTest, families_are_told_whatever_one_wants_to_hear) {
  const auto notifications = std::move(Notifications::open(*database_, clock_).value());
  run("INSERT INTO mutes (muter_id, muted_id, created_at) VALUES ($1, $2, 0)", {id(ward_), id(guardian_)});
  const auto tell = [&] {
    notifications->tell({NotificationKind::family_change, id(ward_), id(guardian_), "", ""});
    notifications->settle();
    clock_.advance(1'000);
  };
  tell();
  tell();
  const auto page = notifications->page(id(ward_), "");
  ASSERT_EQ(page->items.size(), 1u) << "gathered until it is read";
  EXPECT_EQ(page->items[0].kind, NotificationKind::family_change);
  EXPECT_EQ(page->items[0].count, 1);
  ASSERT_TRUE(notifications->read(id(ward_), page->items[0].id));
  tell();
  EXPECT_EQ(notifications->page(id(ward_), "")->unread, 1) << "each change is news";
}

}  // namespace
}  // namespace vitrine::social
