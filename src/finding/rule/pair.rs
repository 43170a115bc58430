//! The rules of section member: are these the right two, and what does the comparison rest on?
//!
//! Owns the rows about the pair itself, about the age of what was compared, and about the waivers it
//! was given.
//! Invariant: sorted by id; what makes the comparison itself worthless blocks.

use super::{both, here, member, rules};

rules! { RULES:
    "block-size-not-enabled" Member High blocks, "The member does not enable a block size",
        looks at "the block sizes of the primary's mirrored databases and of HSSYS, against those that the member enables.",
        impact "A database of a block size that is not enabled cannot be added on the member, so no copy of it does any good there.",
        advice "Enable the size on the member first: System Administration > Configuration > Additional Settings > Startup, DBSizesAllowed; give it memory in globals, and restart.",
        type member("kill p do ##class(Config.Startup).Get(.p) write p(\"DBSizesAllowed\")"),
        from "H2.4, H6.5, H10";
    "byte-order-differs" Member High blocks, "The members have different byte orders",
        looks at "the byte order that both instances say of themselves.",
        impact "A copy of a database cannot be mounted on the other member before it is converted.",
        advice "Do not restore HSSYS from here: copy it by hand, convert the copy with cvendian on the member before it is mounted, then activate and catch up.",
        type both("write $SYSTEM.Version.IsBigEndian()"),
        from "H6.5, H7.3, H10";
    "character-set-differs" Member High blocks, "The members have different locales",
        looks at "character width and locale that both instances say of themselves; enu8 and enuw go together.",
        impact "Members of one mirror must have the same; what one writes the other reads as other characters.",
        advice "Stop here and set up the member with the primary's locale; the character width is chosen when it is installed.",
        type both("write $SYSTEM.Version.IsUnicode()"),
        from "H2.4, H10";
    "character-set-doubtful" Member Medium passes, "The members may have different character sets",
        looks at "character width and locale of both instances, where one has 8 bits and the other has Unicode.",
        impact "If the 8-bit locale is not based on Latin-1, the two are not compatible as members of one mirror.",
        advice "Look up both locales: System Administration > Configuration > National Language Settings > Locale Definitions; only a locale of Latin-1 may be mixed with its Unicode twin.",
        type both("write $SYSTEM.Version.IsUnicode()"),
        from "H2.4";
    "clock-ahead" Member Medium passes, "Files come from the future",
        looks at "the time stamps of the files of each side, against the clock of the machine that compares.",
        impact "A clock was wrong when the files were made or is wrong now, so nothing tells how old they are.",
        advice "Compare the clocks of both members and of this machine; make the files again once they are right.",
        type here("date -u"),
        from "design 4";
    "configuration-pending" Member Medium passes, "A configuration file is edited and not active",
        looks at "whether the instance says that its configuration file waits to be activated.",
        impact "What was compared is what runs; at the next start, or once it is activated, the side gets what the file says.",
        advice "Look what was changed in the file, then activate it or put it back, and compare again.",
        type both("write ##class(Config.CPF).CPFFileNeedsActivation()"),
        from "H2.1";
    "execute-on-backup" Member High blocks, "The comparison runs the wrong way round",
        looks at "the role that `iris qlist` gives each side.",
        impact "The comparison looks from the wrong side, so what it calls missing is not what a failover would miss.",
        advice "Run it on the backup or DR member, with the primary's files first.",
        type here("hsmirror compare PRIMARY MEMBER"),
        from "H1.4, H6.1";
    "fhir-sql-data-exists" Member High blocks, "The member holds FHIR SQL data",
        looks at "the attested fact fhirSqlData of the member.",
        impact "Only the primary may hold FHIR SQL data; HSSYS must not be mirrored onto this member.",
        advice "Remove the FHIR SQL data on the member with the vendor's support, then attest fhirSqlData false.",
        from "H1.4";
    "journal-format" Member High blocks, "The member cannot apply the primary's journals",
        looks at "the product versions of both sides: the form of journals changed with 2025.1.",
        impact "A member before 2025.1 cannot apply the journals of a later primary, so it does not follow the mirror.",
        advice "Upgrade the member first; until then it is no member to fail over to.",
        type both("write $SYSTEM.Version.GetVersion()"),
        from "H2.4, H10";
    "member-different" Member Medium passes, "Settings of the mirror or the instance differ",
        looks at "mirror settings, the list of mirror members and block sizes of both sides.",
        impact "Members of one mirror have the same mirror settings; otherwise a failover may not work.",
        advice "Decide which side is right, then set it on the other: System Administration > Configuration > Mirror Settings; block sizes: System Administration > Configuration > Additional Settings > Startup.",
        type both("kill p do ##class(Config.Startup).Get(.p) write p(\"DBSizesAllowed\")"),
        from "H2.4";
    "not-a-mirror-member" Member High passes, "A side is no mirror member",
        looks at "[MirrorMember] of the CPF and the mirror fields of `iris qlist`.",
        impact "A side that is no mirror member takes over from nobody.",
        advice "Join it to the mirror first: System Administration > Configuration > Mirror Settings.",
        type both("write $SYSTEM.Mirror.GetMemberType()"),
        from "H2.2, H7.1";
    "not-intended-member" Member High blocks, "The bundle was made for another member",
        looks at "the member that the primary's bundle names, against the one it is compared with.",
        impact "The primary's bundle was made for another member, so this is not the comparison that was asked for.",
        advice "Take the bundle that was exported for this member, or have it exported again with its name after --for.",
        type here("hsmirror inspect PRIMARY"),
        from "design 5";
    "other-mirror" Member High blocks, "The sides do not belong to one mirror",
        looks at "names and GUIDs of the mirrors, and the members that each side lists.",
        impact "The sides do not belong to one mirror, so one never takes over from the other.",
        advice "Give the files of two members of one mirror; look at [Mirrors] and [MapMirrors] of both CPFs.",
        type both("write $SYSTEM.Mirror.MirrorName()"),
        from "H2.2, H10";
    "reporting-member" Member High passes, "The member is a reporting member",
        looks at "the kind of mirror member that `iris qlist` gives the member.",
        impact "A reporting member cannot be promoted, so nothing can fail over to it.",
        advice "Compare the primary with its backup or DR member.",
        type member("write $SYSTEM.Mirror.GetMemberType()"),
        from "H6.1, GHA_mirror";
    "same-export" Member High blocks, "Both sides hold the same export file",
        looks at "the digests of exports that no two members can have alike.",
        impact "An export of users or tasks is never the same on two members, so one side was compared with the other's file.",
        advice "Export again on the side whose file it is not, and put that one into its folder.",
        type both("write ##class(Security.System).ExportAll(\"SecurityExport.xml\",.n)"),
        from "formats 3.3, 4";
    "same-member" Member High blocks, "Both sides are one member or a clone of it",
        looks at "system name and GUID of the member, which no two members share.",
        impact "Both sides are one and the same member, or a clone of it; the comparison proves nothing.",
        advice "Gather the files of the other member; if it is a clone, give it its own name in the mirror.",
        type both("write $SYSTEM.Mirror.GetMemberType()"),
        from "H2.4, formats 6.1";
    "sides-apart" Member Medium passes, "The two sides were gathered far apart in time",
        looks at "the time stamps of exports and of `iris qlist` on both sides: more than a week.",
        impact "What changed on either side in between shows as a difference, or hides one.",
        advice "Make the files of both sides again at about the same time.",
        type both("write ##class(Security.System).ExportAll(\"SecurityExport.xml\",.n)"),
        from "design 4";
    "sources-apart" Member Medium passes, "The files of one side were not made in one sitting",
        looks at "the time stamps of the exports and of `iris qlist` of one side: more than a day.",
        impact "What changed between the files is in one of them and not in the other, so they may not fit together.",
        advice "Make all exports of that side again in one sitting, with `iris qlist` last.",
        from "design 4";
    "two-primaries" Member High blocks, "Both sides say they are the primary",
        looks at "the role that `iris qlist` gives each side.",
        impact "Both sides say they are primary: files of before and after a failover are mixed, or the mirror is split.",
        advice "Make `iris qlist` again on both members at the same time and compare again. If both still say so, keep users off both, start, stop and restore nothing, and call the vendor's support.",
        type both("write $SYSTEM.Mirror.IsPrimary()"),
        from "H6.1";
    "versions-differ" Member High passes, "The members run different versions",
        looks at "product, version and CPF version of both sides; DR and reporting members may differ.",
        impact "After a failover everything runs on another version, and what the product brings along differs with it.",
        advice "Bring both members to the same version; until then, what the product owns stands below this one and needs no repair of its own.",
        type both("write $SYSTEM.Version.GetVersion()"),
        from "H2.4, H10";
    "waiver-broken" Member Medium passes, "A waiver is not as it must be",
        looks at "every entry of the file given by --waivers: its form, its rule, and whether that may be waived.",
        impact "The waiver waives nothing, so what it was written for stands among the findings.",
        advice "Correct the entry; `hsmirror explain` lists the rules, and what blocks can never be waived.",
        type here("hsmirror schema waivers"),
        from "design 3";
    "waiver-changed" Member Medium passes, "What was waived has changed",
        looks at "waivers given for certain values, where these are not those of both sides any more.",
        impact "What somebody took on is not what is there now, so it stands among the findings again.",
        advice "Look at it again; whoever still means it drafts a new waiver for it.",
        type here("hsmirror compare PRIMARY MEMBER --write-waivers draft.toml"),
        from "design 3";
    "waiver-expired" Member Medium passes, "A waiver has expired",
        looks at "the last day of every waiver, against today in UTC.",
        impact "The waiver holds no more, so what it was written for stands among the findings.",
        advice "Put right what it was written for, or have its owner set another day.",
        from "design 3";
    "waiver-unused" Member Low passes, "A waiver covers nothing",
        looks at "waivers that no finding answers to.",
        impact "Nothing; a waiver that covers nothing today may cover something tomorrow that nobody has looked at.",
        advice "Take the entry out.",
        from "design 3";
}
