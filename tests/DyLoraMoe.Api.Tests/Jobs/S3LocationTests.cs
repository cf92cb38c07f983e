using DyLoraMoe.Api.Jobs;

namespace DyLoraMoe.Api.Tests.Jobs;

public sealed class S3LocationTests
{
    [Fact]
    public void A_location_is_one_argument_and_comes_back_from_it()
    {
        var location = new S3Location
        {
            Bucket = "experts",
            Prefix = "team a/100%?&#/x",
            Endpoint = "https://minio.storage.svc:9000",
            Region = "eu-central-1",
            PathStyle = true,
            CaFile = "/dylora/ca/store/ca.crt",
            Credentials = "DYLORA_STORE",
        };

        var text = location.ToString();

        Assert.Equal("s3://experts/team%20a/100%25%3F%26%23/x?endpoint=https://minio.storage.svc:9000&region=eu-central-1&pathStyle=true&ca=/dylora/ca/store/ca.crt&credentials=DYLORA_STORE", text);
        Assert.Equal(location, S3Location.Parse(text));
        Assert.Equal("DYLORA_STORE_AWS_ACCESS_KEY_ID", location.AccessKeyVariable);
    }

    [Fact]
    public void What_is_left_out_is_as_a_person_expects()
    {
        var own = S3Location.Parse("s3://experts");
        Assert.Equal(("experts", "", "us-east-1", false), (own.Bucket, own.Prefix, own.Region, own.PathStyle));
        Assert.Null(own.Credentials);
        Assert.True(S3Location.Parse("s3://experts/a/?endpoint=http://127.0.0.1:9000").PathStyle);
        Assert.False(S3Location.Parse("s3://experts/a?endpoint=http://127.0.0.1:9000&pathStyle=false").PathStyle);
        Assert.Equal("a", S3Location.Parse("s3://experts/a/").Prefix);
        Assert.False(S3Location.IsOne("/store"));
        Assert.False(S3Location.IsOne(null));
    }

    [Theory]
    [InlineData("/store")]
    [InlineData("s3://")]
    [InlineData("s3:///a")]
    [InlineData("s3://b?endpoint=minio:9000")]
    [InlineData("s3://b?endpoint=file:///etc")]
    [InlineData("s3://b?secret=x")]
    [InlineData("s3://b?pathStyle=perhaps")]
    public void What_is_no_location_is_said(string text) => Assert.Throws<FormatException>(() => S3Location.Parse(text));
}
