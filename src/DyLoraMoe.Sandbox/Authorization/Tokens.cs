using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Storage;

namespace DyLoraMoe.Sandbox.Authorization;

/// <summary>The tokens that the server takes: the administrator's, kept in the data folder, and those it signs for service accounts.</summary>
internal sealed class Tokens
{
    private const string Issuer = "https://kubernetes.default.svc.cluster.local";
    private readonly byte[] _key;
    private readonly TimeProvider _time;

    /// <summary>Reads the keys from the data folder, or makes them.</summary>
    public Tokens(string folder, TimeProvider time)
    {
        _time = time;
        string path = Path.Combine(folder, "keys");
        if (!File.Exists(path))
        {
            UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = mode;
            }

            using FileStream file = new(path, options);
            file.Write(RandomNumberGenerator.GetBytes(64));
        }

        byte[] keys = File.ReadAllBytes(path);
        if (keys.Length != 64)
        {
            throw new InvalidDataException($"expected 64 bytes in {path}, found {keys.Length}; remove the file to make new keys");
        }

        _key = keys[..32];
        Admin = Base64Url.EncodeToString(keys.AsSpan(32));
    }

    /// <summary>The administrator's token.</summary>
    public string Admin { get; }

    /// <summary>A token for a service account.</summary>
    public (string Token, DateTimeOffset Expires) Issue(string space, string name, string uid, IEnumerable<string> audiences, TimeSpan lifetime)
    {
        DateTimeOffset now = _time.GetUtcNow(), expires = now + lifetime;
        JsonObject claims = new()
        {
            ["aud"] = new JsonArray([.. audiences.DefaultIfEmpty(Issuer).Select(audience => (JsonNode?)audience)]),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["iss"] = Issuer,
            ["kubernetes.io"] = new JsonObject { ["namespace"] = space, ["serviceaccount"] = new JsonObject { ["name"] = name, ["uid"] = uid } },
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["sub"] = $"system:serviceaccount:{space}:{name}",
        };
        string head = Base64Url.EncodeToString("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"u8) + "." + Base64Url.EncodeToString(JsonText.Bytes(claims));
        return ($"{head}.{Base64Url.EncodeToString(Sign(head))}", expires);
    }

    /// <summary>Whose token it is; null when it is nobody's.</summary>
    public Caller? Find(string token, StoreView view)
    {
        if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(Admin)))
        {
            return Caller.Admin;
        }

        if (token.Split('.') is not [var header, var body, var signature] || !Base64Url.IsValid(signature) || !Base64Url.IsValid(body)
            || !CryptographicOperations.FixedTimeEquals(Base64Url.DecodeFromChars(signature), Sign($"{header}.{body}")))
        {
            return null;
        }

        JsonObject claims = JsonText.ParseObject(Base64Url.DecodeFromChars(body));
        string space = claims.Text("kubernetes.io", "namespace") ?? "", name = claims.Text("kubernetes.io", "serviceaccount", "name") ?? "";
        string uid = claims.Text("kubernetes.io", "serviceaccount", "uid") ?? "";
        bool valid = claims.Whole("exp") > _time.GetUtcNow().ToUnixTimeSeconds()
            && view.Find(new ObjectKey("/serviceaccounts", space, name))?.Shared.Text("metadata", "uid") == uid;
        return valid ? Caller.Account(space, name, uid) : null;
    }

    private byte[] Sign(string head) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(head));
}
