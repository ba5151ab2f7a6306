# ruff: noqa: E501 -- a line is an operation
"""Every operation of the public description (REST API v2, clients 5.0.0): method, path, operationId, by section.

What is not built yet answers 501 (routing.py); which are, docs/api-coverage.md tells.
"""

import re
from collections.abc import Iterator

OPERATIONS: dict[str, str] = {
    "Ping": """
        GET /ping pingAppId
    """,
    "About": """
        GET /about getAbout
    """,
    "Authentication": """
        POST /oauth/authenticate/application/token getAppToken
    """,
    "ApplicationManagement": """
        GET /appManagement/applicationList getApplications
        GET /appManagement/applications getApplicationList
        POST /appManagement/applications createApplication
        DELETE /appManagement/applications/{childAppId} deleteApplication
        GET /appManagement/applications/{childAppId} getApplicationInfo
        PUT /appManagement/applications/{childAppId} updateApplication
        GET /appManagement/configuration getApplicationConfiguration
        POST /appManagement/configuration setApplicationConfiguration
        DELETE /appManagement/configuration/{settingId} deleteApplicationConfigurationSetting
        POST /appManagement/token createToken
        GET /appManagement/{childAppId}/credentials getCredentials
        POST /appManagement/{childAppId}/credentials createCredential
        DELETE /appManagement/{childAppId}/credentials/{credentialId} deleteCredential
        PUT /appManagement/{childAppId}/credentials/{credentialId} updateCredential
    """,
    "Course": """
        GET /courses getCourses
        POST /courses/importJobs createFetchAndImportCourseJob
        POST /courses/importJobs/noUpload createNoUploadAndImportCourseJob
        POST /courses/importJobs/upload createUploadAndImportCourseJob
        GET /courses/importJobs/{importJobId} getImportJobStatus
        PUT /courses/tags putCourseTagsBatch
        DELETE /courses/{courseId} deleteCourse
        GET /courses/{courseId} getCourse
        DELETE /courses/{courseId}/asset deleteCourseAsset
        GET /courses/{courseId}/asset getCourseAsset
        POST /courses/{courseId}/asset importCourseAssetFile
        GET /courses/{courseId}/asset/list getCourseFileList
        POST /courses/{courseId}/asset/upload uploadCourseAssetFile
        GET /courses/{courseId}/configuration getCourseConfiguration
        POST /courses/{courseId}/configuration setCourseConfiguration
        DELETE /courses/{courseId}/configuration/{settingId} deleteCourseConfigurationSetting
        POST /courses/{courseId}/preview buildCoursePreviewLaunchLink
        DELETE /courses/{courseId}/tags deleteCourseTags
        GET /courses/{courseId}/tags getCourseTags
        PUT /courses/{courseId}/tags putCourseTags
        PUT /courses/{courseId}/title setCourseTitle
        GET /courses/{courseId}/versions getCourseVersions
        DELETE /courses/{courseId}/versions/{versionId} deleteCourseVersion
        GET /courses/{courseId}/versions/{versionId} getCourseVersionInfo
        DELETE /courses/{courseId}/versions/{versionId}/asset deleteCourseVersionAsset
        GET /courses/{courseId}/versions/{versionId}/asset getCourseVersionAsset
        POST /courses/{courseId}/versions/{versionId}/asset importCourseVersionAssetFile
        GET /courses/{courseId}/versions/{versionId}/asset/list getCourseVersionFileList
        POST /courses/{courseId}/versions/{versionId}/asset/upload uploadCourseVersionAssetFile
        GET /courses/{courseId}/versions/{versionId}/configuration getCourseVersionConfiguration
        POST /courses/{courseId}/versions/{versionId}/configuration setCourseVersionConfiguration
        DELETE /courses/{courseId}/versions/{versionId}/configuration/{settingId} deleteCourseVersionConfigurationSetting
        POST /courses/{courseId}/versions/{versionId}/preview buildCoursePreviewLaunchLinkWithVersion
        GET /courses/{courseId}/versions/{versionId}/xAPIStatements getCourseVersionStatements
        GET /courses/{courseId}/versions/{versionId}/zip getVersionedCourseZip
        GET /courses/{courseId}/xAPIStatements getCourseStatements
        GET /courses/{courseId}/zip getCourseZip
    """,
    "Registration": """
        GET /registrations getRegistrations
        POST /registrations createRegistration
        POST /registrations/postBackTest testRegistrationPostback
        PUT /registrations/tags putRegistrationTagsBatch
        DELETE /registrations/{registrationId} deleteRegistration
        GET /registrations/{registrationId} getRegistrationProgress
        HEAD /registrations/{registrationId} getRegistration
        GET /registrations/{registrationId}/configuration getRegistrationConfiguration
        POST /registrations/{registrationId}/configuration setRegistrationConfiguration
        DELETE /registrations/{registrationId}/configuration/{settingId} deleteRegistrationConfigurationSetting
        DELETE /registrations/{registrationId}/globalData deleteRegistrationGlobalData
        GET /registrations/{registrationId}/instances getRegistrationInstances
        POST /registrations/{registrationId}/instances createNewRegistrationInstance
        DELETE /registrations/{registrationId}/instances/{instanceId} deleteRegistrationInstance
        GET /registrations/{registrationId}/instances/{instanceId} getRegistrationInstanceProgress
        GET /registrations/{registrationId}/instances/{instanceId}/configuration getRegistrationInstanceConfiguration
        POST /registrations/{registrationId}/instances/{instanceId}/configuration setRegistrationInstanceConfiguration
        DELETE /registrations/{registrationId}/instances/{instanceId}/configuration/{settingId} deleteRegistrationInstanceConfigurationSetting
        GET /registrations/{registrationId}/instances/{instanceId}/launchHistory getRegistrationInstanceLaunchHistory
        GET /registrations/{registrationId}/instances/{instanceId}/xAPIStatements getRegistrationInstanceStatements
        GET /registrations/{registrationId}/launchHistory getRegistrationLaunchHistory
        POST /registrations/{registrationId}/launchLink buildRegistrationLaunchLink
        DELETE /registrations/{registrationId}/progress deleteRegistrationProgress
        DELETE /registrations/{registrationId}/tags deleteRegistrationTags
        GET /registrations/{registrationId}/tags getRegistrationTags
        PUT /registrations/{registrationId}/tags putRegistrationTags
        GET /registrations/{registrationId}/xAPIStatements getRegistrationStatements
    """,
    "Learner": """
        PUT /learner/tags putLearnerTagsBatch
        POST /learner/{learnerId}/delete-information deleteAllLearnerData
        DELETE /learner/{learnerId}/tags deleteLearnerTags
        GET /learner/{learnerId}/tags getLearnerTags
        PUT /learner/{learnerId}/tags putLearnerTags
        POST /learner/{learnerId}/updateInfo updateLearnerInfo
    """,
    "Invitations": """
        GET /invitations getAllInvitations
        GET /invitations/private getPrivateInvitations
        POST /invitations/private createPrivateInvitation
        GET /invitations/private/{invitationId} getPrivateInvitation
        PUT /invitations/private/{invitationId} updatePrivateInvitation
        GET /invitations/private/{invitationId}/jobStatus getPrivateInvitationJobStatus
        GET /invitations/private/{invitationId}/userInvitations getPrivateUserInvitations
        GET /invitations/public getPublicInvitations
        POST /invitations/public createPublicInvitation
        GET /invitations/public/{invitationId} getPublicInvitation
        PUT /invitations/public/{invitationId} updatePublicInvitation
        GET /invitations/public/{invitationId}/userInvitations getPublicUserInvitations
        PUT /invitations/tags putInvitationTagsBatch
        DELETE /invitations/{invitationId}/tags deleteInvitationTags
        GET /invitations/{invitationId}/tags getInvitationTags
        PUT /invitations/{invitationId}/tags putInvitationTags
    """,
    "Dispatch": """
        GET /dispatch/destinations getDestinations
        POST /dispatch/destinations createDestinations
        PUT /dispatch/destinations/tags putDestinationTagsBatch
        DELETE /dispatch/destinations/{destinationId} deleteDestination
        GET /dispatch/destinations/{destinationId} getDestination
        PUT /dispatch/destinations/{destinationId} setDestination
        DELETE /dispatch/destinations/{destinationId}/dispatches deleteDestinationDispatches
        GET /dispatch/destinations/{destinationId}/dispatches getDestinationDispatches
        POST /dispatch/destinations/{destinationId}/dispatches/enabled setDestinationDispatchEnabled
        GET /dispatch/destinations/{destinationId}/dispatches/hashUserInfo getDestinationHashUserInfo
        PUT /dispatch/destinations/{destinationId}/dispatches/hashUserInfo updateDestinationHashUserInfo
        DELETE /dispatch/destinations/{destinationId}/dispatches/registrationCount resetDestinationDispatchRegistrationCount
        GET /dispatch/destinations/{destinationId}/dispatches/registrationCount getDestinationDispatchRegistrationCount
        POST /dispatch/destinations/{destinationId}/dispatches/registrationInstancing enableRegistrationInstancing
        GET /dispatch/destinations/{destinationId}/dispatches/zip getDestinationDispatchZip
        GET /dispatch/destinations/{destinationId}/lti13 getLti13ToolConfigurationSchema
        DELETE /dispatch/destinations/{destinationId}/tags deleteDestinationTags
        GET /dispatch/destinations/{destinationId}/tags getDestinationTags
        PUT /dispatch/destinations/{destinationId}/tags putDestinationTags
        DELETE /dispatch/dispatches deleteDispatches
        GET /dispatch/dispatches getDispatches
        POST /dispatch/dispatches createDispatches
        PUT /dispatch/dispatches updateDispatches
        PUT /dispatch/dispatches/tags putDispatchTagsBatch
        DELETE /dispatch/dispatches/{dispatchId} deleteDispatch
        GET /dispatch/dispatches/{dispatchId} getDispatch
        PUT /dispatch/dispatches/{dispatchId} updateDispatch
        GET /dispatch/dispatches/{dispatchId}/enabled getDispatchEnabled
        PUT /dispatch/dispatches/{dispatchId}/enabled setDispatchEnabled
        GET /dispatch/dispatches/{dispatchId}/hashUserInfo getDispatchHashUserInfo
        PUT /dispatch/dispatches/{dispatchId}/hashUserInfo updateDispatchHashUserInfo
        GET /dispatch/dispatches/{dispatchId}/launches getLti13DispatchLaunch
        GET /dispatch/dispatches/{dispatchId}/lti getLTIDispatch
        GET /dispatch/dispatches/{dispatchId}/lti13 getLti13Dispatch
        DELETE /dispatch/dispatches/{dispatchId}/postback deleteDispatchPostbackInfo
        DELETE /dispatch/dispatches/{dispatchId}/registrationCount resetDispatchRegistrationCount
        GET /dispatch/dispatches/{dispatchId}/registrationCount getDispatchRegistrationCount
        DELETE /dispatch/dispatches/{dispatchId}/tags deleteDispatchTags
        GET /dispatch/dispatches/{dispatchId}/tags getDispatchTags
        PUT /dispatch/dispatches/{dispatchId}/tags putDispatchTags
        GET /dispatch/dispatches/{dispatchId}/zip getDispatchZip
    """,
    "Xapi": """
        GET /xapi/credentials getXapiCredentials
        POST /xapi/credentials createXapiCredential
        DELETE /xapi/credentials/{xapiCredentialId} deleteXapiCredential
        GET /xapi/credentials/{xapiCredentialId} getXapiCredential
        PUT /xapi/credentials/{xapiCredentialId} setXapiCredential
        GET /xapi/statementPipes getStatementPipes
        POST /xapi/statementPipes createStatementPipe
        DELETE /xapi/statementPipes/{statementPipeId} deleteStatementPipe
        GET /xapi/statementPipes/{statementPipeId} getStatementPipe
        PUT /xapi/statementPipes/{statementPipeId} setStatementPipe
    """,
    "Reporting": """
        GET /reporting/accountInfo getAccountInfo
        GET /reporting/reportageAuth getReportageAuthToken
        GET /reporting/reportageLink getReportageLink
    """,
    "ContentConnectors": """
        GET /contentConnectors getConnectorsList
        POST /contentConnectors createConnector
        DELETE /contentConnectors/{connectorId} deleteConnector
        PUT /contentConnectors/{connectorId} updateConnector
    """,
}


def operations() -> Iterator[tuple[str, str, str, str]]:
    """(section, method, path with names as code has them, operationId)."""
    for section, lines in OPERATIONS.items():
        for line in lines.strip().splitlines():
            method, path, name = line.split()
            yield section, method, in_snake(path), name


def in_snake(path: str) -> str:
    """`/courses/{courseId}` -> `/courses/{course_id}`."""
    return re.sub(r"(?<=[a-z])([A-Z])(?=[^{/]*\})", lambda match: f"_{match[1].lower()}", path)
