#include "api/tus.hpp"

#include "api/video_choices.hpp"
#include "base/crypto.hpp"

namespace vitrine::api::tus {
namespace {

std::string encoded(std::string_view text) { return crypto::base64(crypto::bytes_of(text)); }
std::string pair(std::string_view key, std::string_view value) { return fmt::format("{} {}", key, encoded(value)); }
Errc refused(std::string_view header) { return parse_metadata(header).error().code; }

TEST(TusMetadata, KnownKeysAreRead) {
  const auto metadata = parse_metadata(pair("filename", "Großes Meer.mp4") + "," + pair("filetype", "video/mp4") +
                                       ",is_private, " + pair("caption", "  A day at the sea  ") + "," +
                                       pair("tags", "Sea, waves ,,SEA") + "," + pair("other", "x"))
                            .value();
  EXPECT_EQ(metadata.filename, "Großes Meer.mp4");
  EXPECT_EQ(metadata.filetype, "video/mp4");
  EXPECT_EQ(metadata.caption, "A day at the sea");
  EXPECT_EQ(metadata.tags, (std::vector<std::string>{"sea", "waves"}));
}

TEST(TusMetadata, EditsAreReadAndRefusedByName) {
  const std::string id = "01hzzzzzzzzzzzzzzzzzzzzzzz";
  const auto metadata = parse_metadata(pair("trim_start_ms", "250") + "," + pair("duet_of", id)).value();
  EXPECT_EQ(metadata.edits.trim_start_ms, 250);
  EXPECT_EQ(metadata.edits.loan->video, id);
  for (const auto* bad : {"-1", "NaN", "1e9", "600001", "\xff"})
    EXPECT_EQ(refused(pair("cover_ms", bad)), Errc::invalid_argument) << bad;
  EXPECT_TRUE(parse_metadata(pair("trim_end_ms", "x")).error().message.starts_with("trim_end_ms must be"));
}

TEST(TusMetadata, ChoicesAreRead) {
  const auto metadata =
      parse_metadata(pair("audience", "link") + "," + pair("comment_permission", "followers") + "," +
                     pair("duet_permission", "nobody") + "," + pair("labels", "ai_made, sensitive") + "," +
                     pair("publish_at", "1790000000000") + "," + pair("draft", "0") + "," + pair("replaces", "x"))
          .value();
  EXPECT_EQ(metadata.publish_at, 1'790'000'000'000);
  EXPECT_EQ(metadata.replaces, "x");
  const auto choices = choices_of(metadata).value();
  EXPECT_EQ(choices.audience, social::Audience::link);
  EXPECT_EQ(choices.comments, social::Who::followers);
  EXPECT_EQ(choices.duets, social::Who::nobody);
  EXPECT_EQ(choices.labels, (std::set{social::VideoLabel::ai_made, social::VideoLabel::sensitive}));
  EXPECT_TRUE(choices_of(parse_metadata(pair("draft", "1")).value())->draft);
}

TEST(TusMetadata, BadChoicesAreRefused) {
  for (const auto& bad : {pair("audience", "all"), pair("comment_permission", "x"), pair("duet_permission", "\xff"),
                          pair("labels", "cute"), pair("draft", "yes"), pair("publish_at", "soon"),
                          pair("draft", "1") + "," + pair("publish_at", "1790000000000")})
    EXPECT_EQ(refused(bad), Errc::invalid_argument) << bad;
}

TEST(TusMetadata, NothingIsFine) {
  EXPECT_EQ(parse_metadata("").value().caption, "");
  EXPECT_TRUE(parse_metadata("caption").value().tags.empty());
}

TEST(TusMetadata, BadInputIsNamed) {
  EXPECT_EQ(refused("caption ???"), Errc::invalid_argument);
  EXPECT_EQ(refused("caption YQ"), Errc::invalid_argument) << "padding is missing";
  EXPECT_EQ(refused(","), Errc::invalid_argument);
  EXPECT_EQ(refused(pair("caption", "\xff\xfe")), Errc::invalid_argument);
  EXPECT_EQ(refused(pair("tags", "no spaces inside")), Errc::invalid_argument);
  EXPECT_EQ(refused(std::string(metadata_bytes_max + 1, 'a')), Errc::too_large);
}

TEST(TusMetadata, LengthsHoldAtTheLimitAndOnePast) {
  EXPECT_TRUE(parse_metadata(pair("caption", std::string(500, 'a'))));
  EXPECT_EQ(refused(pair("caption", std::string(501, 'a'))), Errc::invalid_argument);
  EXPECT_TRUE(parse_metadata(pair("filename", std::string(255, 'a'))));
  EXPECT_EQ(refused(pair("filename", std::string(256, 'a'))), Errc::invalid_argument);
}

TEST(TusChecksum, AlgorithmAndLengthMustFit) {
  const auto sha1 = encoded(std::string(20, 'x')), sha256 = encoded(std::string(32, 'y'));
  EXPECT_EQ(parse_checksum("sha1 " + sha1).value().digest, std::string(20, 'x'));
  EXPECT_EQ(parse_checksum("sha256 " + sha256).value().algorithm, media::PieceChecksum::Algorithm::sha256);
  for (const auto& bad : {std::string(), std::string("sha1"), "sha1 " + sha256, "sha256 " + sha1, "md5 " + sha1,
                          "sha1  " + sha1, "sha1 " + sha1 + "!"})
    EXPECT_EQ(parse_checksum(bad).error().code, Errc::invalid_argument) << bad;
}

TEST(TusNumber, OnlyWholeNumbers) {
  EXPECT_EQ(parse_number("Upload-Length", "0").value(), 0);
  EXPECT_EQ(parse_number("Upload-Length", "9223372036854775807").value(), INT64_MAX);
  for (const auto* bad : {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "9223372036854775808", "one"})
    EXPECT_EQ(parse_number("Upload-Length", bad).error().code, Errc::invalid_argument) << bad;
}

}  // namespace
}  // namespace vitrine::api::tus
