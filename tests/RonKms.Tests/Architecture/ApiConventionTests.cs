using System.Reflection;
using RonKms.Memory;

namespace RonKms.Tests.Architecture;

/// <summary>What holds for all types that users see, and for all that hold secrets.</summary>
public sealed class ApiConventionTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Assembly s_assembly = typeof(Keystore).Assembly;
    private static readonly Type[] s_public = s_assembly.GetExportedTypes();

    /// <summary>Members of secret-holding types that give bytes, none of them secret.</summary>
    private static readonly string[] s_harmlessBytes =
    [
        "Encapsulation.Ciphertext",
        "GeneratedKey.PublicKey",
        "KeyEncryptionKey.Wrap",
        "SecretBytes.Reveal",
    ];

    /// <summary>Every way in which secret bytes come out of the library, all of them in guarded memory.</summary>
    private static readonly string[] s_secretExits =
    [
        "Algorithm.GenerateSecret",
        "Algorithm.ImportPkcs8",
        "Encapsulation.SharedSecret",
        "GeneratedKey.Secret",
        "ICapabilityRoots.BeginCapability",
        "ICapabilityRoots.ComputeCapabilityRoot",
        "IEnvelope.HpkeOpen",
        "IEnvelope.Unwrap",
        "IKem.Decapsulate",
        "Keystore.BeginCapability",
        "Keystore.ComputeCapabilityRoot",
        "Keystore.Decapsulate",
        "Keystore.HpkeOpen",
        "Keystore.Unwrap",
        "PassphraseFile.Read",
        "SecretBytes.Allocate",
        "SecretBytes.CopyOf",
    ];

    [Fact]
    public void No_array_can_bind_to_an_input_where_a_destination_was_meant()
    {
        // A byte[] converts to both spans, and to the read-only one with preference.
        List<string> pairs = [];
        foreach (Type type in s_public)
        {
            foreach (IGrouping<string, MethodBase> overloads in VisibleMethods(type).GroupBy(method => method.Name))
            {
                foreach (MethodBase one in overloads)
                {
                    foreach (MethodBase other in overloads.Where(other => other != one))
                    {
                        ParameterInfo[] ours = one.GetParameters();
                        ParameterInfo[] theirs = other.GetParameters();
                        for (int i = 0; i < Math.Min(ours.Length, theirs.Length); i++)
                        {
                            if (ours[i].ParameterType == typeof(Span<byte>) && theirs[i].ParameterType == typeof(ReadOnlySpan<byte>))
                            {
                                pairs.Add($"{type.Name}.{one.Name}, parameter {i}: {ours[i].Name} or {theirs[i].Name}");
                            }
                        }
                    }
                }
            }
        }

        Assert.Empty(pairs);
    }

    [Fact]
    public void Types_that_hold_secrets_give_no_bytes_away() => Assert.Equal(
        s_harmlessBytes,
        s_public.Where(type => HoldsSecret(type)).SelectMany(type => VisibleMembers(type).Where(member => GivesBytes(member.Type)).Select(member => member.Name)).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Secrets_come_out_in_guarded_memory_and_only_here() => Assert.Equal(
        s_secretExits,
        s_public.Where(type => !type.IsSubclassOf(typeof(RonKms.Algorithms.Algorithm)))
            .SelectMany(type => VisibleMembers(type).Where(member => member.Type == typeof(SecretBytes)).Select(member => member.Name)).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Members_named_for_secrets_give_them_in_guarded_memory_or_to_backends_alone()
    {
        string[] words = ["Secret", "Private", "Seed"];

        Assert.Equal(
            ["RecordBody.Secret"],
            s_public.SelectMany(VisibleMembers)
                .Where(member => GivesBytes(member.Type) && words.Any(word => member.Name.Split('.')[1].Contains(word, StringComparison.Ordinal)))
                .Select(member => member.Name).Distinct());
    }

    [Fact]
    public void Types_that_hold_secrets_are_disposable_and_say_nothing_of_them()
    {
        Type[] holders = [.. s_assembly.GetTypes().Where(type => HoldsSecret(type))];

        Assert.True(holders.Length > 10, "The search finds no holders.");
        Assert.All(holders, type =>
        {
            Assert.True(typeof(IDisposable).IsAssignableFrom(type) || type == typeof(SecretBlock), $"{type} is not disposable.");
            MethodInfo toString = type.GetMethod(nameof(ToString), Type.EmptyTypes)!;
            Assert.True(toString.DeclaringType == typeof(object), $"{type} has a text of its own.");
            Assert.Null(type.GetCustomAttribute<System.Diagnostics.DebuggerDisplayAttribute>());
        });
    }

    [Fact]
    public void There_is_one_exception_type() =>
        Assert.Equal([typeof(KmsException)], s_assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Exception))));

    [Fact]
    public void Public_classes_are_sealed_or_made_to_be_derived_from() =>
        Assert.All(s_public.Where(type => type.IsClass), type => Assert.True(type.IsSealed || type.IsAbstract, $"{type} is neither."));

    [Fact]
    public void Public_fields_are_constant() => Assert.All(
        s_public.Where(type => !type.IsEnum).SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)),
        field => Assert.True(field.IsInitOnly || field.IsLiteral, $"{field.DeclaringType}.{field.Name} can be changed."));

    [Fact]
    public void Destinations_come_last_among_the_buffers()
    {
        List<string> others = [];
        foreach (Type type in s_public.Where(type => type.Namespace == "RonKms"))
        {
            foreach (MethodBase method in VisibleMethods(type).Where(method => method.Name is not ("TryFormat")))
            {
                Type[] buffers = [.. method.GetParameters().Select(parameter => parameter.ParameterType).Where(buffer => buffer == typeof(Span<byte>) || buffer == typeof(ReadOnlySpan<byte>))];
                int firstDestination = Array.IndexOf(buffers, typeof(Span<byte>));
                if (firstDestination >= 0 && buffers.AsSpan(firstDestination).Contains(typeof(ReadOnlySpan<byte>)))
                {
                    others.Add($"{type.Name}.{method.Name}");
                }
            }
        }

        Assert.Empty(others);
    }

    private static bool HoldsSecret(Type type)
    {
        for (Type? at = type; at is not null && at.Assembly == s_assembly; at = at.BaseType)
        {
            if (at == typeof(SecretBytes)
                || at == typeof(RonKms.Sealing.KeyEncryptionKey)
                || at == typeof(RonKms.Algorithms.OpenedKey)
                || at.GetFields(Declared).Any(field => !field.IsStatic && (field.FieldType == typeof(SecretBytes) || field.FieldType == typeof(SecretBlock))))
            {
                // Closures live as long as the call they belong to.
                return !at.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute));
            }
        }

        return false;
    }

    private static bool GivesBytes(Type type) =>
        type == typeof(byte[]) || type == typeof(Span<byte>) || type == typeof(ReadOnlySpan<byte>) || type == typeof(Memory<byte>) || type == typeof(ReadOnlyMemory<byte>);

    private static IEnumerable<MethodBase> VisibleMethods(Type type) =>
        type.GetMembers(Declared).OfType<MethodBase>().Where(method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly);

    private static IEnumerable<(string Name, Type Type)> VisibleMembers(Type type)
    {
        foreach (MethodInfo method in VisibleMethods(type).OfType<MethodInfo>())
        {
            string name = method.IsSpecialName && method.Name.StartsWith("get_", StringComparison.Ordinal) ? method.Name[4..] : method.Name;
            yield return ($"{type.Name}.{name}", method.ReturnType);
            foreach (ParameterInfo parameter in method.GetParameters().Where(parameter => parameter.IsOut))
            {
                yield return ($"{type.Name}.{name}", parameter.ParameterType.GetElementType()!);
            }
        }

        foreach (FieldInfo field in type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly))
        {
            yield return ($"{type.Name}.{field.Name}", field.FieldType);
        }
    }
}
