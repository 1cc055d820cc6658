#include "store/blobs.hpp"
#include "store/testing.hpp"

namespace vitrine::store {
namespace {

using testing::TemporaryFolder;

TEST(FileBlobs, keep_replace_list_and_remove) {
  const TemporaryFolder folder;
  const auto blobs = open_file_blobs(folder / "b");
  ASSERT_TRUE(blobs) << blobs.error().message;
  ASSERT_TRUE((*blobs)->put("media/v1/a.mp4", "one"));
  ASSERT_TRUE((*blobs)->put("media/v1/a.mp4", "three"));
  std::ofstream(folder / "made") << "made";
  ASSERT_TRUE((*blobs)->put_file("media/v2/b.mp4", folder / "made"));
  EXPECT_FALSE(std::filesystem::exists(folder / "made"));
  EXPECT_EQ((*blobs)->list("media/v1")->size(), 1u);
  EXPECT_TRUE((*blobs)->open("media/v1/a.mp4"));
  ASSERT_TRUE((*blobs)->remove_all("media/v1"));
  EXPECT_EQ((*blobs)->open("media/v1/a.mp4").error().code, Errc::not_found);
  EXPECT_TRUE((*blobs)->open("media/v2/b.mp4"));
  EXPECT_TRUE((*blobs)->remove("media/v9/none"));
}

TEST(FileBlobs, refuse_keys_that_lead_elsewhere) {
  const TemporaryFolder folder;
  const auto blobs = open_file_blobs(folder / "b");
  ASSERT_TRUE(blobs);
  for (const std::string key : {"", "/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", "a/", "ä", "a b"}) {
    EXPECT_FALSE(is_blob_key(key)) << key;
    EXPECT_FALSE((*blobs)->put(key, "x")) << key;
    EXPECT_EQ((*blobs)->open(key).error().code, Errc::invalid_argument) << key;
  }
  EXPECT_FALSE(is_blob_key(std::string(513, 'a')));
}

}  // namespace
}  // namespace vitrine::store
