using System.Reflection;
using RonKms.Custody;
using RonKms.Storage;

namespace RonKms.Tests.Architecture;

/// <summary>The layers of docs/architecture.md, over every type of the built assembly.</summary>
public sealed class LayerTests
{
    private const string Vocabulary = "Vocabulary";
    private const string Face = "Keystore";

    /// <summary>The layers, and those that each may use. A layer stands below those that use it.</summary>
    private static readonly Dictionary<string, string[]> s_mayUse = new()
    {
        ["Interop"] = [],
        ["Memory"] = ["Interop"],
        [Vocabulary] = [],
        ["Storage"] = ["Interop", Vocabulary],
        ["Algorithms"] = ["Interop", "Memory", Vocabulary],
        ["Sealing"] = ["Interop", "Algorithms", "Storage", Vocabulary],
        ["Backends"] = ["Algorithms", "Sealing", Vocabulary],
        ["Diagnostics"] = [Vocabulary],
        ["Custody"] = ["Memory", "Storage", "Algorithms", "Sealing", "Backends", "Diagnostics", Vocabulary],
        [Face] = ["Memory", "Storage", "Algorithms", "Sealing", "Backends", "Diagnostics", "Custody", Vocabulary],
    };

    /// <summary>The types in the root that are not vocabulary: what opens and runs a keystore.</summary>
    private static readonly string[] s_face = ["DevicePlace", "IDevicePlaces", "Keystore", "KeystoreOptions", "KeystoreSettings", "StoreChecker", "StorePlace"];

    /// <summary>What goes against the table, one by one, and why.</summary>
    private static readonly Dictionary<(string From, string To), string> s_exceptions = new()
    {
        [("RonKms.SecretBytes", "Memory")] = "the handle to guarded memory that all layers pass around",
        [("RonKms.KmsPublicKey", "Algorithms")] = "a public key carries the implementation that verifies with it",
        [("RonKms.Interop.Libsodium", Vocabulary)] = "a library that is missing, or a call that fails, is a KmsException like any other",
        [("RonKms.Custody.KeystoreCore", "RonKms.KeystoreOptions")] = "is put together from the options",
        [("RonKms.Custody.KeystoreCore", "RonKms.Keystore")] = "names it in ObjectDisposedException",
        [("RonKms.Custody.CustodyJournal", "RonKms.Keystore")] = "names it in ObjectDisposedException",
        [("RonKms.Custody.OpenedKeys", "RonKms.Keystore")] = "names it in ObjectDisposedException",
    };

    private static readonly IReadOnlyDictionary<string, IReadOnlySet<string>> s_dependencies = TypeDependencies.Read(typeof(Keystore).Assembly.Location);

    [Fact]
    public void Every_type_uses_only_the_layers_below_its_own()
    {
        List<string> against = [];
        HashSet<(string, string)> unused = [.. s_exceptions.Keys];
        foreach ((string type, IReadOnlySet<string> uses) in s_dependencies)
        {
            foreach (string used in uses.Where(used => LayerOf(used) != LayerOf(type) && !s_mayUse[LayerOf(type)].Contains(LayerOf(used))))
            {
                if (s_exceptions.ContainsKey((type, LayerOf(used))) || s_exceptions.ContainsKey((type, used)))
                {
                    unused.Remove((type, LayerOf(used)));
                    unused.Remove((type, used));
                }
                else
                {
                    against.Add($"{type} ({LayerOf(type)}) uses {used} ({LayerOf(used)})");
                }
            }
        }

        Assert.True(against.Count == 0, string.Join('\n', against));
        Assert.Empty(unused);
    }

    [Fact]
    public void The_layers_have_no_cycle()
    {
        List<string> below = [];
        while (below.Count < s_mayUse.Count)
        {
            string[] next = [.. s_mayUse.Keys.Where(layer => !below.Contains(layer) && s_mayUse[layer].All(below.Contains))];
            Assert.NotEmpty(next);
            below.AddRange(next);
        }
    }

    [Fact]
    public void The_diagram_draws_the_layers_without_what_follows_from_other_arrows()
    {
        bool Reaches(string from, string to) => from == to || s_mayUse[from].Any(next => Reaches(next, to));
        IEnumerable<string> needed =
            from layer in s_mayUse
            from used in layer.Value
            where !layer.Value.Any(other => other != used && Reaches(other, used))
            select $"{layer.Key} --> {used}";

        Assert.Equal(needed.Order(), Diagram.Read("layers").Arrows.Where(arrow => s_mayUse.ContainsKey(arrow.From)).Select(arrow => $"{arrow.From} --> {arrow.To}").Order());
    }

    [Fact]
    public void Stores_know_errors_and_nothing_else_of_the_vocabulary()
    {
        IEnumerable<string> used = s_dependencies.Where(type => LayerOf(type.Key) == "Storage").SelectMany(type => type.Value);

        Assert.Equal(["RonKms.KmsError", "RonKms.KmsException"], used.Where(name => LayerOf(name) == Vocabulary).Distinct().Order());
    }

    [Fact]
    public void Sealing_uses_of_the_stores_only_how_private_files_are_read_and_made()
    {
        IEnumerable<string> used = s_dependencies.Where(type => LayerOf(type.Key) == "Sealing").SelectMany(type => type.Value);

        Assert.Equal(["RonKms.Storage.PrivateFile"], used.Where(name => LayerOf(name) == "Storage").Distinct());
    }

    [Fact]
    public void Only_the_checker_and_who_follows_a_chain_back_from_a_journal_with_MACs_take_one_whose_MACs_were_not_looked_at()
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        IEnumerable<Type> takers = typeof(Keystore).Assembly.GetTypes().Where(type =>
            type.GetFields(All).Any(field => field.FieldType == typeof(JournalChain))
            || type.GetMethods(All).Any(method => method.GetParameters().Any(parameter => parameter.ParameterType == typeof(JournalChain))));

        Assert.Equal([nameof(DirectoryCheck), nameof(FollowedHistory)], takers.Select(type => (type.DeclaringType ?? type).Name).Distinct());
    }

    [Fact]
    public void The_scan_sees_signatures_bodies_and_bases()
    {
        Assert.Contains("RonKms.Custody.KeyRules", s_dependencies["RonKms.Keystore"]);
        Assert.Contains("RonKms.IKeystore", s_dependencies["RonKms.Keystore"]);
        Assert.Contains("RonKms.SecretBytes", s_dependencies["RonKms.IKem"]);
        Assert.Contains("RonKms.Interop.Libsodium", s_dependencies["RonKms.Memory.GuardedMemory"]);
        Assert.Contains("RonKms.Memory.SecretBlock", s_dependencies["RonKms.SecretBytes"]);
    }

    [Fact]
    public void The_core_refers_to_the_platform_and_to_logging_abstractions_alone() => Assert.All(
        typeof(Keystore).Assembly.GetReferencedAssemblies(),
        assembly => Assert.True(assembly.Name!.StartsWith("System.", StringComparison.Ordinal) || assembly.Name is "Microsoft.Extensions.Logging.Abstractions", assembly.Name));

    [Fact]
    public void No_type_or_namespace_is_named_for_nothing()
    {
        string[] names = ["Util", "Utils", "Utility", "Utilities", "Helper", "Helpers", "Common", "Manager", "Misc"];

        Assert.All(s_dependencies.Keys, type => Assert.DoesNotContain(
            names, name => type.Split('.').Any(part => part.EndsWith(name, StringComparison.OrdinalIgnoreCase))));
    }

    [Fact]
    public void Every_folder_is_a_layer()
    {
        IEnumerable<string> namespaces = typeof(Keystore).Assembly.GetTypes().Select(type => type.Namespace).OfType<string>()
            .Where(name => name.StartsWith("RonKms.", StringComparison.Ordinal)).Distinct().Select(name => name["RonKms.".Length..]);

        Assert.Equal(s_mayUse.Keys.Except([Vocabulary, Face]).Order(), namespaces.Order());
        Assert.Empty(s_face.Except(typeof(Keystore).Assembly.GetTypes().Select(type => type.Name)));
        Assert.True(typeof(ISealedStore).GetTypeInfo().IsPublic);
    }

    private static string LayerOf(string type)
    {
        string[] parts = type.Split('.');
        return parts.Length > 2 ? parts[1]
            : s_face.Contains(parts[1]) ? Face
            : Vocabulary;
    }
}
