#include "feed/evaluation.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

#include "feed/portable_math.hpp"

namespace vitrine::feed {
namespace {

class LogFile {
 public:
  explicit LogFile(std::string_view text)
      : path_(std::filesystem::temp_directory_path() / fmt::format("vitrine-log-{}-{}.csv", ::getpid(), ++made_)) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile() { std::filesystem::remove(path_); }
  [[nodiscard]] std::string path() const { return path_; }

 private:
  static inline int made_ = 0;
  std::filesystem::path path_;
};

const Progress quiet = [](std::string_view, std::size_t, std::size_t) {};

TEST(PortableMath, is_close_to_the_real_functions) {
  for (float x = 0.001F; x < 1e6F; x *= 1.37F)
    EXPECT_NEAR(log2_of(x), std::log2(x), 2e-5F * std::max(1.0F, std::abs(std::log2(x))));
  for (float x = -30; x < 30; x += 0.37F) EXPECT_NEAR(exp2_of(x) / std::exp2(x), 1.0F, 1e-5F);
  for (float x = -12; x < 12; x += 0.37F) EXPECT_NEAR(sigmoid(x), 1 / (1 + std::exp(-x)), 1e-6F);
  EXPECT_EQ(exp2_of(0), 1.0F);
}

TEST(HeadScore, gives_the_area_under_the_curve) {
  HeadScore score;
  score.add(1, 0.1F, false);
  score.add(1, 0.4F, false);
  score.add(1, 0.35F, true);
  score.add(1, 0.8F, true);
  Metrics out;
  score.put(out, "");
  EXPECT_DOUBLE_EQ(out["auc"], 0.75);
  EXPECT_DOUBLE_EQ(out["gauc"], 0.75);
  EXPECT_NEAR(out["calibration"], 1.65 / 2, 1e-6);
}

TEST(HeadScore, counts_equal_predictions_half_and_users_by_their_showings) {
  HeadScore score;
  score.add(1, 0.5F, false);
  score.add(1, 0.5F, true);
  score.add(2, 0.9F, true);
  score.add(2, 0.1F, false);
  score.add(2, 0.2F, false);
  score.add(3, 0.7F, true);  // one outcome only: no order to judge
  Metrics out;
  score.put(out, "");
  EXPECT_DOUBLE_EQ(out["gauc"], (0.5 * 2 + 1.0 * 3) / 5);
}

TEST(WatchScore, gives_the_share_of_pairs_in_order) {
  WatchScore score;
  score.add(1, 10);
  score.add(2, 30);
  score.add(3, 20);
  score.add(3, 20);  // equal times: not a pair
  score.add(1, 40);
  // Pairs with different times: 9; in order: (10,30) (10,20)x2 = 3; equal predictions: (10,40) counts half.
  Metrics out;
  score.put(out, "");
  EXPECT_DOUBLE_EQ(out["xauc"], 3.5 / 9);
}

TEST(InteractionLog, reads_columns_by_name_and_sorts_by_time) {
  const LogFile file(
      "\xef\xbb\xbfuser_id;time_ms;video_id;long_view;tag\r\nu2;2000;v1;1;\"a,b\"\r\nu1;1000;v2;0;c\r\n");
  const auto log = read_log(file.path());
  ASSERT_TRUE(log) << log.error().message;
  ASSERT_EQ(log->rows.size(), 2u);
  EXPECT_EQ(log->users[log->rows[0].user], "u1");
  EXPECT_EQ(log->rows[1].happened[Head::finish], 1);
  EXPECT_EQ(log->items[0].tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(log->known, 1U << static_cast<unsigned>(Head::finish));
}

TEST(InteractionLog, reads_the_same_from_many_spellings) {
  const auto read = [](std::string_view text) {
    const LogFile file(text);
    auto log = read_log(file.path());
    EXPECT_TRUE(log) << log.error().message;
    return log ? std::move(*log) : InteractionLog();
  };
  for (const std::string_view text :
       {"userId,movieId,rating,timestamp\n7,a,5,978300760\n8,b,3,978300761\n",
        "user_id:token\titem_id:token\ttimestamp:float\n7\ta\t978300760.0\n8\tb\t978300761.0\n",
        "TIME_MS;Item ID;\"User ID\"\r\n978300760000;a;7\r\n978300761000;b;8\r\n",
        "user item time\n7 a 978300760\n8 b 978300761\n", "uid|iid|ts\n8|b|978300761\n7|a|978300760"}) {
    const auto log = read(text);
    ASSERT_EQ(log.rows.size(), 2u) << text;
    EXPECT_EQ(log.users[log.rows[0].user] + log.items[log.rows[0].item].id, "7a") << text;
    EXPECT_EQ(log.rows[1].at_ms, 978'300'761'000) << text;
  }
  const auto untimed = read("item,user\nb,8\na,7\n\nb,8\n");
  EXPECT_FALSE(untimed.has_times);
  EXPECT_EQ(untimed.rows.size(), 3u);
  EXPECT_EQ(untimed.users[untimed.rows[0].user], "8");
  const auto flags = read("user,item,like\nu,i,true\nu,k,False\n");
  EXPECT_EQ(flags.rows[0].happened[Head::like], 1);
  EXPECT_EQ(flags.rows[1].happened[Head::like], 0);
}

TEST(Evaluation, takes_ids_longer_than_the_service_gives_out) {
  std::string text = "user,item,time,finished\n";
  const std::string user(80, 'u'), item(300, 'i');
  for (int row = 0; row < 50; ++row) text += fmt::format("{}{},{}{},{},1\n", user, row % 7, item, row % 5, 1000 + row);
  const LogFile file(text);
  const auto log = read_log(file.path());
  ASSERT_TRUE(log);
  EXPECT_EQ(log->users.size(), 7u);
  EXPECT_EQ(log->items.size(), 5u);
  EXPECT_TRUE(prequential(*log, nullptr, default_settings(), quiet).contains("new_item_share"));
}

TEST(InteractionLog, says_what_is_wrong) {
  const auto told = [](std::string_view text) {
    const LogFile file(text);
    const auto log = read_log(file.path());
    return log ? std::string() : log.error().message;
  };
  EXPECT_NE(told("a,b\n1,2\n").find("names no user"), std::string::npos);
  EXPECT_NE(told("user,item\n").find("holds no rows"), std::string::npos);
  EXPECT_NE(told("user,item,duration_ms\nu,i,long\n").find("line 2: \"long\""), std::string::npos);
  EXPECT_NE(told("user,item,like\nu,i\n").find("line 2 has 2 fields"), std::string::npos);
  EXPECT_NE(told("user,item\nu,\n").find("line 2 names no user or no item"), std::string::npos);
  EXPECT_FALSE(read_log("no/such/file"));
}

/// 60 users of two tastes, 40 items of two kinds in a fixed order within the kind.
std::string two_tastes(std::size_t rows_per_user) {
  std::string out = "user,item,time\n";
  for (std::size_t user = 0; user < 60; ++user)
    for (std::size_t i = 0; i < rows_per_user; ++i)
      out += fmt::format("u{},i{}-{},{}\n", user, user % 2, (user / 2 + i) % 20, 1'000'000 + i);
  return out;
}

TEST(Evaluation, finds_the_next_item_of_a_regular_log) {
  const LogFile file(two_tastes(10));
  const auto log = read_log(file.path());
  ASSERT_TRUE(log);
  auto metrics = leave_one_out(*log, quiet);
  EXPECT_GT(metrics["hr@5"], 0.95);
  EXPECT_GT(metrics["ndcg@10"], 0.8);
}

/// Where clips of one taste are seldom seen together, only the taste space tells them apart; what is watched together
/// misleads. A blend of nothing puts all clips on a par and must not pass for a perfect one.
TEST(Associations, choose_a_blend_that_tells_clips_apart) {
  Random random(4);
  constexpr std::uint32_t tastes = 4, clips = 400;
  std::vector<History> histories(400);
  for (std::uint32_t viewer = 0; viewer < histories.size(); ++viewer)
    while (histories[viewer].size() < 5) {
      const auto clip = static_cast<std::uint32_t>(random.below(clips / tastes)) * tastes + viewer % tastes;
      if (std::ranges::find(histories[viewer], clip) == histories[viewer].end()) histories[viewer].push_back(clip);
    }
  const auto model = Associations::build(histories, clips, {.ordered = false, .dimensions = tastes}, quiet);
  EXPECT_GT(*std::ranges::max_element(model.blend()), 0);
  std::size_t own = 0;
  for (std::uint32_t viewer = 0; viewer < 40; ++viewer) {
    auto scores = model.score(histories[viewer]);
    for (const auto seen : histories[viewer]) scores[seen] = -1;
    own += (std::ranges::max_element(scores) - scores.begin()) % tastes == viewer % tastes;
  }
  EXPECT_GE(own, 38u);
}

TEST(Evaluation, ranks_popular_items_for_whom_it_does_not_know) {
  std::string learned = "user,item\n";
  for (int user = 0; user < 30; ++user) learned += fmt::format("u{},a\nu{},b{}\n", user, user, user % 10);
  const LogFile learn_file(learned), test_file("user,item\nstranger,a\n");
  const auto log = read_log(learn_file.path());
  const auto test = read_log(test_file.path(), &*log);
  ASSERT_TRUE(test);
  auto metrics = split(*log, *test, quiet);
  EXPECT_EQ(metrics["users"], 1);
  EXPECT_EQ(metrics["ndcg@5"], 1);
}

TEST(Evaluation, leaves_users_of_one_item_out_and_repeats_too) {
  const LogFile file("user,item,time\none,a,5\ntwo,a,1\ntwo,b,2\ntwo,b,3\ntwo,a,4\nthree,b,1\nthree,c,1\n");
  const auto log = read_log(file.path());
  ASSERT_TRUE(log);
  EXPECT_EQ(leave_one_out(*log, quiet)["users"], 2);
}

TEST(Evaluation, splits_learn_one_file_and_are_tested_on_another) {
  std::string learned = "user,item\n", asked = "user,item\n";
  for (std::size_t user = 0; user < 60; ++user)
    for (std::size_t i = 0; i < 20; ++i)
      (mix(user * 31 + i) % 4 == 0 ? asked : learned) += fmt::format("u{},i{}-{}\n", user, user % 2, i);
  const LogFile learn_file(learned), test_file(asked);
  const auto log = read_log(learn_file.path());
  ASSERT_TRUE(log);
  const auto test = read_log(test_file.path(), &*log);
  ASSERT_TRUE(test);
  auto metrics = split(*log, *test, quiet);
  EXPECT_GT(metrics["recall@20"], 0.95);  // the other kind's twenty stay behind
}

TEST(Evaluation, of_a_log_with_a_pattern_beats_the_frozen_engine_and_repeats_itself) {
  std::string text = "user,item,time,finished,duration_ms,play_ms,tag\n";
  Random random(1);
  for (int row = 0; row < 6000; ++row) {
    const auto user = random.below(40), item = random.below(200);
    const bool likes = (user + item) % 3 == 0;
    const bool finished = random.uniform() < (likes ? 0.8 : 0.2);
    text += fmt::format("u{},i{},{},{},{},{},t{}\n", user, item, 1'000'000 + row * 60, finished ? 1 : 0, 20'000,
                        finished ? 20'000 : 3'000, item % 3);
  }
  const LogFile file(text);
  const auto log = read_log(file.path());
  ASSERT_TRUE(log);
  auto first = prequential(*log, nullptr, default_settings(), quiet);
  EXPECT_GT(first["second_half.long_view.auc"], 0.7);
  EXPECT_LT(first["frozen.long_view.auc"], 0.55);
  EXPECT_NEAR(first["long_view.calibration"], 1, 0.1);
  EXPECT_GT(first["watch.xauc"], 0.6);
  EXPECT_EQ(first, prequential(*log, nullptr, default_settings(), quiet));
}

TEST(Evaluation, of_the_shared_log_reaches_what_is_promised) {
  const std::string folder = "../shared/data/kuairand-pure-std/";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "absent: the log ../shared/data/kuairand-pure-std";
#ifdef VITRINE_SANITIZED
  GTEST_SKIP() << "absent: an optimised build; this takes minutes under a sanitizer";
#endif
  const auto log = read_log(folder + "stream.csv");
  ASSERT_TRUE(log);
  const auto warm = read_log(folder + "warm_history.csv", &*log);
  ASSERT_TRUE(warm);
  auto metrics = prequential(*log, &*warm, default_settings(), quiet);
  EXPECT_GE(metrics["long_view.auc"], 0.760);
  EXPECT_GE(metrics["click.auc"], 0.752);
  EXPECT_GE(metrics["watch.xauc"], 0.685);
  EXPECT_GE(metrics["long_view.auc"] - metrics["frozen.long_view.auc"], 0.03);
}

}  // namespace
}  // namespace vitrine::feed
