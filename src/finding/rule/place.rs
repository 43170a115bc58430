//! The rules about where things are: namespaces, databases, mappings.
//!
//! Owns the rows for what the CPF tells: what is missing, extra or different, what names something that
//! is not there, and what the healthcare product needs. No command here changes anything.
//! Invariant: sorted by id.

use super::{both, member, rules, there};

rules! { RULES:
    "database-different" Databases Medium passes, "A database is reached or mounted in another way",
        looks at "server, remote database and mount setting of databases that both sides have; where both are in the mirror, their mirror, name in it, resource and block size.",
        impact "After a failover database {name} is reached, mounted, mirrored or guarded in another way than before.",
        advice "System Administration > Configuration > System Configuration > Local Databases or Remote Databases > Edit {name}.",
        type both("kill p do ##class(Config.Databases).Get({name!},.p) zwrite p"),
        from "H2.2";
    "database-extra" Databases Low passes, "Only the member has the database",
        looks at "databases that the member has and the primary lacks.",
        impact "Nothing is lost; the member has a database that the primary does not know.",
        advice "Look whether anything on the member still uses it, then remove it: System Configuration > Local Databases.",
        type member("kill p do ##class(Config.Databases).Get({name!},.p) zwrite p"),
        from "H2.4";
    "database-missing" Databases High passes, "A database is missing on the member",
        looks at "databases that the primary has and the member lacks.",
        impact "After a failover the data and code in database {name} cannot be reached.",
        advice "Of an interoperability or healthcare namespace: make both with the Installer Wizard, not by hand. Another mirrored database: make its resource first, restore a backup of the primary, then activate and catch up: System Operation > Mirror Monitor. Not mirrored: System Administration > Configuration > System Configuration > Local Databases > Create New Database.",
        type member("write ##class(Config.Databases).Exists({name!})"),
        from "H2.4, H3.4";
    "database-not-mirrored" Databases High passes, "A database is not in the mirror on the member",
        looks at "databases of which the primary's instance says that they are in the mirror, and the member's that they are not.",
        impact "The member's {name} does not follow the primary's, so after a failover everything in it is old.",
        advice "HSSYS: restore it with `hsmirror apply`. Another one: restore a backup of the primary over it, then activate and catch up: System Operation > Mirror Monitor.",
        type both("kill p do ##class(Config.Databases).Get({name!},.p) zwrite p"),
        from "H2.4, H6.5";
    "databases-share-directory" Databases Low passes, "Two databases lie in one directory",
        looks at "the directories of the local databases of each side.",
        impact "On {side}, {name} and {target} are one database under two names; dismounting or restoring one takes the other along.",
        advice "Let one of the two names go: System Configuration > Local Databases; look first which namespaces and mappings use it.",
        type there("kill p do ##class(Config.Databases).Get({name!},.p) zwrite p"),
        from "H2.3";
    "global-mapping-missing" Mappings High passes, "A global mapping is missing on the member",
        looks at "global mappings that the primary has and the member lacks.",
        impact "After a failover code in {namespace} does not see the data of global {name} in {database}.",
        advice "System Administration > Configuration > System Configuration > Namespaces > Global Mappings of {namespace}; data of that name in the default database gets hidden, so look first.",
        type member("write ##class(Config.MapGlobals).Exists({namespace!},{name!})"),
        from "H1.4, H2.3";
    "hslib-mirrored" Databases High passes, "HSLIB is in the mirror",
        looks at "what the instance of each side says of HSLIB; where it was not asked, the attested fact hslibMirrored.",
        impact "HSLIB holds the product's code and must not be mirrored; the next upgrade or failover leaves code and version apart.",
        advice "Take HSLIB out of the mirror on every member: System Operation > Mirror Monitor > Remove; then attest hslibMirrored false.",
        from "H1.1, H1.2";
    "hssys-not-mapped" Mappings Medium passes, "%SYS does not see HSSYS",
        looks at "the mapping of ^%SYS(\"HealthShare\") in namespace %SYS, on a side that has database HSSYS.",
        impact "Settings of the healthcare product that lie in HSSYS are not found on {side}.",
        advice "Ask the vendor's support before adding it by hand: System Configuration > Namespaces > Global Mappings of %SYS, global %SYS, subscript (\"HealthShare\"), database HSSYS.",
        type there("kill p do ##class(Config.MapGlobals).Get(\"%SYS\",\"%SYS(\"\"HealthShare\"\")\",.p) zwrite p"),
        from "H1.1";
    "mapping-database-absent" Mappings High passes, "A mapping leads to a database that is not there",
        looks at "the databases that mappings name, on each side by itself.",
        impact "Code in {namespace} on {side} that uses {what} {name} gets an error instead of its data or code.",
        advice "Make database {target} known there, or delete the mapping: System Configuration > Namespaces > {kind} Mappings of {namespace}.",
        type there("write ##class(Config.Databases).Exists({target!})"),
        from "H2.3";
    "mapping-different" Mappings High passes, "A mapping leads elsewhere",
        looks at "database, collation and lock database of mappings that both sides have.",
        impact "After a failover code in {namespace} finds {what} {name} in another database, or sorts or locks it in another way.",
        advice "System Administration > Configuration > System Configuration > Namespaces > {kind} Mappings of {namespace}: set what the primary has; no data moves along.",
        type both("kill p do ##class({class}).Get({namespace!},{name!},.p) zwrite p"),
        from "H2.3";
    "mapping-extra" Mappings Medium passes, "Only the member has the mapping",
        looks at "mappings that the member has and the primary lacks.",
        impact "After a failover code in {namespace} finds {what} {name} in another place than before.",
        advice "Delete the mapping on the member if the primary is right: System Configuration > Namespaces > {kind} Mappings of {namespace}.",
        type member("kill p do ##class({class}).Get({namespace!},{name!},.p) zwrite p"),
        from "H2.3, H10";
    "mapping-shadowed" Mappings Medium passes, "A mapping is overridden by %ALL",
        looks at "mappings of a namespace that %ALL maps too, to another database.",
        impact "On {side} the mapping of {what} {name} in {namespace} counts for nothing: what %ALL says holds.",
        advice "Decide which of the two is meant and delete the other: System Configuration > Namespaces > {kind} Mappings of {namespace} or of %ALL.",
        type there("kill p do ##class({class}).Get(\"%ALL\",{name!},.p) zwrite p"),
        from "H2.3";
    "mapping-without-global" Mappings Medium passes, "A subscript mapping lacks its global",
        looks at "global mappings with subscripts whose namespace does not map the bare global.",
        impact "A subscript mapping needs one for the bare global; on {side} {namespace} has none for {target}, so {name} may not hold as configured.",
        advice "System Administration > Configuration > System Configuration > Namespaces > Global Mappings of {namespace}: map {target} to the database that holds the rest of it, as a rule the default one.",
        type there("write ##class(Config.MapGlobals).Exists({namespace!},{target!})"),
        from "H2.3";
    "mirrored-attested-otherwise" Databases Medium passes, "An attested fact is not what the instance says",
        looks at "the attested facts hssysMirrored and hslibMirrored, against what the instance says.",
        impact "What the instance says holds here; whoever reads the fact elsewhere is told the opposite.",
        advice "Look at System Operation > Mirror Monitor on {side}, then correct the fact or take it out.",
        from "design 4, H6.3";
    "mirrored-database-behind" Databases High passes, "A mirrored database is not caught up",
        looks at "mirrored databases in state Needs Catchup or Dejournaling Stopped, on each side by itself.",
        impact "On {side} database {name} lacks what the primary wrote since; a failover would go on with old data.",
        advice "System Operation > Mirror Monitor > Catchup for {name}, and look at messages.log. If the journals are gone, copy the database again.",
        from "H6.2, H6.5";
    "mirrored-database-dismounted" Databases High passes, "A mirrored database is dismounted",
        looks at "mirrored databases in state Database Dismounted, on each side by itself.",
        impact "On {side} database {name} cannot be read and follows nothing.",
        advice "Mount it, unless somebody is at work on it: System Operation > Databases > {name} > Mount; catching up begins by itself.",
        from "H6.2, H6.3";
    "mirrored-database-inactive" Databases High passes, "A mirrored database is not activated",
        looks at "mirrored databases in state Needs Activation, on each side by itself.",
        impact "On {side} database {name} is read-only and not kept current.",
        advice "System Operation > Mirror Monitor > Activate for {name}, then Catchup.",
        from "H6.2, H6.5";
    "mirrored-database-obsolete" Databases High passes, "A mirrored database cannot follow any more",
        looks at "mirrored databases in state Obsolete or Orphaned, on each side by itself.",
        impact "On {side} database {name} no longer belongs to what the primary has, so it follows nothing.",
        advice "Look on the primary whether {name} is still in the mirror. If so, restore a new copy of it here, activate and catch up; if not, take it out: System Operation > Mirror Monitor > Remove.",
        from "H6.2";
    "namespace-database-absent" Namespaces High passes, "A namespace stands on a database that is not there",
        looks at "the databases that namespaces name, on each side by itself.",
        impact "Nothing that runs in namespace {name} works on {side}.",
        advice "Make database {target} known there first, or give the namespace another one: System Configuration > Namespaces > Edit {name}.",
        type there("write ##class(Config.Databases).Exists({target!})"),
        from "H2.2";
    "namespace-different" Namespaces High passes, "A namespace stands on other databases",
        looks at "the databases of namespaces that both sides have.",
        impact "After a failover namespace {name} works on other databases than before.",
        advice "System Administration > Configuration > System Configuration > Namespaces > Edit {name}.",
        type both("kill p do ##class(Config.Namespaces).Get({name!},.p) zwrite p"),
        from "H2.2, H2.4";
    "namespace-extra" Namespaces Low passes, "Only the member has the namespace",
        looks at "namespaces that the member has and the primary lacks.",
        impact "Nothing is lost; the member has a namespace that the primary does not know.",
        advice "Make it on the primary too if it is needed, or delete it on the member in the list of namespaces.",
        type member("kill p do ##class(Config.Namespaces).Get({name!},.p) zwrite p"),
        from "H2.4";
    "namespace-missing" Namespaces High passes, "A namespace is missing on the member",
        looks at "namespaces that the primary has and the member lacks.",
        impact "After a failover nothing that runs in namespace {name} works.",
        advice "With interoperability or healthcare, that is with mappings of Ens* or HS*: Installer Wizard on the member, which makes its databases too. Other: System Administration > Configuration > System Configuration > Namespaces > Create New Namespace.",
        type member("write ##class(%SYS.Namespace).Exists({name!})"),
        from "H2.3, H2.4";
    "package-mapping-missing" Mappings High passes, "A package mapping is missing on the member",
        looks at "package mappings that the primary has and the member lacks.",
        impact "After a failover code in {namespace} does not find the classes of package {name} in {database}.",
        advice "System Administration > Configuration > System Configuration > Namespaces > Package Mappings of {namespace}; classes of that name in the default database get hidden, so look first.",
        type member("write ##class(Config.MapPackages).Exists({namespace!},{name!})"),
        from "H1.4, H2.3";
    "product-database-missing" Databases High passes, "A database of the product is missing on the member",
        looks at "databases that come with the product, such as HSSYS, HSLIB and ENSLIB, where the primary has them.",
        impact "The installation on the member is not whole, or it is another product; what needs {name} does not work there.",
        advice "Do not make it by hand. Compare product and version in `iris qlist` of both, look at messages.log of the installation, and call the vendor's support.",
        type both("write $SYSTEM.Version.GetVersion()"),
        from "H7.4";
    "product-namespace-missing" Namespaces High passes, "A namespace of the product is missing on the member",
        looks at "namespaces that come with the product, such as HSSYS and HSLIB, where the primary has them.",
        impact "The installation on the member is not whole, or it is another product; what runs in {name} does not work there.",
        advice "Do not make it by hand. Compare product and version in `iris qlist` of both, look at messages.log of the installation, and call the vendor's support.",
        type both("write $SYSTEM.Version.GetVersion()"),
        from "H7.4";
    "routine-mapping-missing" Mappings High passes, "A routine mapping is missing on the member",
        looks at "routine mappings that the primary has and the member lacks.",
        impact "After a failover code in {namespace} does not find routine {name} in {database}.",
        advice "System Administration > Configuration > System Configuration > Namespaces > Routine Mappings of {namespace}; code of that name in the default database gets hidden, so look first.",
        type member("write ##class(Config.MapRoutines).Exists({namespace!},{name!})"),
        from "H1.4, H2.3";
}
