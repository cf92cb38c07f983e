using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Artifacts.S3;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Artifacts.Tests.S3;

public sealed class S3TroubleTests(S3Fixture fixture)
{
    [Theory]
    [InlineData("no bucket", Reasons.BucketNotFound, true)]
    [InlineData("unknown key", Reasons.AccessDenied, true)]
    [InlineData("wrong secret", Reasons.AccessDenied, true)]
    [InlineData("no variable", Reasons.AccessDenied, true)]
    [InlineData("no server", Reasons.EndpointUnreachable, false)]
    [InlineData("always busy", Reasons.EndpointUnreachable, false)]
    public async Task What_is_wrong_is_said_and_whether_waiting_helps(string what, string reason, bool isPermanent)
    {
        await using var world = await S3World.StartAsync(fixture);
        world.Faults.Decide = _ => Fault.Busy;
        const string Secret = "a-secret-that-nobody-may-see";
        var (place, through) = what switch
        {
            "no bucket" => ("elsewhere/x", null),
            "no server" => ("tests/x", new Uri("http://127.0.0.1:9")),
            "always busy" => ("tests/x", world.Faults.Address),
            _ => ("tests/x", (Uri?)null),
        };
        string? Variable(string name) => what switch
        {
            "no variable" => null,
            "unknown key" when name.EndsWith("KEY_ID", StringComparison.Ordinal) => "nobody",
            "wrong secret" when name.EndsWith("SECRET_ACCESS_KEY", StringComparison.Ordinal) => Secret,
            _ => S3Server.Variable(name),
        };

        var error = Assert.Throws<S3Exception>(() =>
        {
            using var store = StorePlace.Open(fixture.Server.Location(place, through), world.Folder["cache"], Variable, S3World.Options with { Patience = TimeSpan.FromMilliseconds(300) });
            store.Artifacts().List(ArtifactKind.Expert);
        });

        Assert.Equal((reason, isPermanent), (error.Reason, error.IsPermanent));
        Assert.Contains("s3://" + place, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_worked_before_may_work_again_in_another_process()
    {
        await using var world = await S3World.StartAsync(fixture);
        using var good = world.Bucket();
        good.List("");

        // As when credentials expire in the middle of a training.
        var problem = S3Problem.Of(new Amazon.S3.AmazonS3Exception("The provided token has expired.", Amazon.Runtime.ErrorType.Sender, "ExpiredToken", "1", HttpStatusCode.BadRequest))!;
        var error = await Assert.ThrowsAsync<S3Exception>(() => good.NewPatience().WaitAsync(problem, new IOException()));

        Assert.Equal((Reasons.AccessDenied, false), (error.Reason, error.IsPermanent));
    }

    [Theory]
    [InlineData("trusted", null)]
    [InlineData("another", Reasons.CertificateInvalid)]
    [InlineData("the system's", Reasons.CertificateInvalid)]
    [InlineData("no certificate", Reasons.CertificateInvalid)]
    [InlineData("no file", Reasons.CertificateInvalid)]
    public async Task A_certificate_is_checked_by_the_bundle_and_by_nothing_else(string bundle, string? reason)
    {
        using var folder = new TemporaryFolder();
        using var authority = Authority("Tests");
        using var other = Authority("Others");
        using var server = ServerOf(authority);
        await using var tls = await FaultyStore.StartAsync(fixture.Server.Address, server);
        File.WriteAllText(folder["ca.crt"], bundle switch
        {
            "trusted" => other.ExportCertificatePem() + "\n" + authority.ExportCertificatePem(),
            "another" => other.ExportCertificatePem(),
            _ => "nothing\n",
        });
        var file = bundle == "no file" ? folder["missing"] : folder["ca.crt"];
        var location = fixture.Server.Location("tests/tls", tls.Address) + (bundle == "the system's" ? "" : $"&ca={file}");

        void List()
        {
            using var store = StorePlace.Open(location, folder["cache"], S3Server.Variable, S3World.Options);
            store.Artifacts().List(ArtifactKind.Expert);
        }

        if (reason is null)
        {
            List();
            return;
        }

        var error = Assert.Throws<S3Exception>(List);
        Assert.Equal((reason, true), (error.Reason, error.IsPermanent));
    }

    [Fact]
    public async Task A_place_of_others_is_copied_whole_or_as_one_file_and_never_outside_its_folder()
    {
        await using var world = await S3World.StartAsync(fixture);
        using var bucket = world.Bucket("data");
        bucket.Put("one.jsonl", "1"u8.ToArray());
        bucket.Put("deep/two.jsonl", "2"u8.ToArray());
        bucket.Put("skipped.bin", "3"u8.ToArray());

        var folder = S3Mirror.Fetch(bucket, world.Folder["cache"], name => !name.EndsWith(".bin", StringComparison.Ordinal));
        Assert.Equal("data", Path.GetFileName(folder));
        Assert.Equal(["deep/two.jsonl", "one.jsonl"], Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal));
        using var single = world.Bucket("data/one.jsonl");
        var file = S3Mirror.Fetch(single, world.Folder["cache"]);
        Assert.Equal(("one.jsonl", "1"), (Path.GetFileName(file), await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)));

        bucket.Put("one.jsonl", "changed"u8.ToArray());
        Assert.Equal("changed", await File.ReadAllTextAsync(S3Mirror.Fetch(single, world.Folder["cache"]), TestContext.Current.CancellationToken));

        using var nothing = world.Bucket("dat");
        Assert.Equal(Reasons.ObjectNotFound, Assert.Throws<S3Exception>(() => S3Mirror.Fetch(nothing, world.Folder["cache"])).Reason);
    }

    [Fact]
    public async Task What_meets_another_write_of_the_same_key_is_written_again_and_the_first_stays()
    {
        await using var world = await S3World.StartAsync(fixture);
        using var bucket = world.Bucket(isFaulty: true);

        Assert.True(bucket.Put("contended/list.json", "first"u8.ToArray(), mustBeNew: true));
        Assert.Equal(["PUT", "PUT"], world.Faults.Calls.Select(call => call.Method));
        Assert.False(bucket.Put("contended/list.json", "second"u8.ToArray(), mustBeNew: true));
        Assert.Equal("first"u8.ToArray(), bucket.Read("contended/list.json"));
    }

    [Theory]
    [InlineData("a/../../b", false)]
    [InlineData("/etc/passwd", false)]
    [InlineData("a//b", false)]
    [InlineData("a\\b", false)]
    [InlineData("..", false)]
    [InlineData("a/b..c/d", true)]
    public void Only_names_that_stay_below_become_paths(string name, bool isOne) => Assert.Equal(isOne, SafePath.IsOne(name));

    [Fact]
    public async Task One_process_at_a_time_has_a_job_and_the_next_finds_what_it_saved()
    {
        await using var world = await S3World.StartAsync(fixture);
        var stop = TestContext.Current.CancellationToken;
        var notes = new List<string>();
        var first = world.Machine().TakeJob("train", notes.Add, stop)!;
        File.WriteAllText(Path.Combine(first.Path, "journal.json"), "one");
        Directory.CreateDirectory(Path.Combine(first.Path, "training"));
        File.WriteAllText(Path.Combine(first.Path, "training", "state"), "weights");
        first.Save();
        File.WriteAllText(Path.Combine(first.Path, "journal.json"), "never saved");
        var waiting = Task.Run(() => world.Machine().TakeJob("train", notes.Add, stop)!, stop);
        await Task.WhenAny(waiting, Task.Delay(TimeSpan.FromSeconds(3), stop));
        Assert.False(waiting.IsCompleted);
        Assert.Contains("waiting for it to end", Assert.Single(notes), StringComparison.Ordinal);

        first.Dispose();

        using var second = await waiting;
        Assert.Equal("one", await File.ReadAllTextAsync(Path.Combine(second.Path, "journal.json"), stop));
        Assert.Equal("weights", await File.ReadAllTextAsync(Path.Combine(second.Path, "training", "state"), stop));
        Directory.Delete(Path.Combine(second.Path, "training"), recursive: true);
        second.Save();
        Assert.Single(world.Bucket().List("checkpoints/train/"));
        Assert.Equal(["train"], world.Machine().Artifacts().Jobs());
    }

    [Fact]
    public async Task A_save_that_is_cut_at_whatever_call_leaves_the_one_before_whole()
    {
        await using var world = await S3World.StartAsync(fixture);
        var stop = TestContext.Current.CancellationToken;
        static void Write(IJobFolder job, string text)
        {
            File.WriteAllText(Path.Combine(job.Path, "a"), text);
            File.WriteAllText(Path.Combine(job.Path, "b"), text);
        }

        using (var job = world.Machine().TakeJob("save", _ => { }, stop)!)
        {
            Write(job, "old");
            job.Save();
        }

        for (var limit = 0; ; limit++)
        {
            Assert.True(limit < 20);
            var isCut = false;
            using (var job = world.Machine(isFaulty: true, S3World.Hasty).TakeJob("save", _ => { }, stop)!)
            {
                Write(job, "new");
                var count = 0;
                var most = limit;
                world.Faults.Decide = call => !call.Path.Contains("/leases/", StringComparison.Ordinal) && !call.Query.Contains("leases", StringComparison.Ordinal) && ++count > most ? Fault.Reset : Fault.None;
                try
                {
                    job.Save();
                }
                catch (S3Exception)
                {
                    isCut = true;
                }

                world.Faults.Decide = _ => Fault.None;
            }

            using var found = world.Machine().TakeJob("save", _ => { }, stop)!;
            Assert.Equal(await File.ReadAllTextAsync(Path.Combine(found.Path, "a"), stop), await File.ReadAllTextAsync(Path.Combine(found.Path, "b"), stop));
            if (!isCut)
            {
                Assert.Equal("new", await File.ReadAllTextAsync(Path.Combine(found.Path, "a"), stop));
                return;
            }
        }
    }

    [Fact]
    public async Task Whoever_died_with_a_job_is_not_waited_for_for_ever()
    {
        await using var world = await S3World.StartAsync(fixture);
        world.Bucket().Put("leases/train/somebody-1-gone", "7"u8.ToArray());
        var notes = new List<string>();

        using var job = world.Machine().TakeJob("train", notes.Add, TestContext.Current.CancellationToken);

        Assert.NotNull(job);
        Assert.Contains("somebody-1-gone", Assert.Single(notes), StringComparison.Ordinal);
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
    }

    private static X509Certificate2 ServerOf(X509Certificate2 authority)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(authority, now.AddHours(-1), now.AddDays(1), [1, 2, 3, 4]);
        using var whole = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
